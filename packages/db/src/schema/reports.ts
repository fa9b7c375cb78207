import {
  bigint,
  boolean,
  date,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

const whose = () => ({
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
});
const amount = (name: string) => bigint(name, { mode: "number" }).notNull();

export const receivedReports = pgTable("received_reports", {
  ...whose(),
  id: uuid("id").primaryKey(),
  serverId: uuid("server_id").notNull(),
  kind: text("kind").$type<"dmarc" | "tls">().notNull(),
  domain: text("domain").notNull(),
  policyDomain: text("policy_domain").notNull(),
  reporter: text("reporter").notNull(),
  reportId: text("report_id").notNull(),
  part: integer("part").notNull(),
  beginsAt: moment("begins_at").notNull(),
  endsAt: moment("ends_at").notNull(),
  storedAt: moment("stored_at").notNull(),
  policy: text("policy"),
  total: amount("total"),
  passed: amount("passed"),
  dkimAligned: amount("dkim_aligned"),
  spfAligned: amount("spf_aligned"),
});

const partOfReport = () => ({
  ...whose(),
  id: uuid("id").primaryKey(),
  reportId: uuid("report_id").notNull(),
  domain: text("domain").notNull(),
  endsAt: moment("ends_at").notNull(),
});

export interface RowSignature {
  readonly domain: string;
  readonly selector: string | null;
  readonly result: string;
}

export const dmarcRows = pgTable("dmarc_rows", {
  ...partOfReport(),
  sourceIp: text("source_ip"),
  messages: amount("messages"),
  disposition: text("disposition").notNull(),
  isDkimAligned: boolean("is_dkim_aligned").notNull(),
  isSpfAligned: boolean("is_spf_aligned").notNull(),
  headerFrom: text("header_from"),
  dkim: jsonb("dkim").$type<readonly RowSignature[]>().notNull(),
  spf: jsonb("spf").$type<{ domain: string; result: string } | null>(),
  reasons: jsonb("reasons").$type<readonly string[]>().notNull(),
});

export const tlsFailures = pgTable("tls_failures", {
  ...partOfReport(),
  type: text("type").notNull(),
  sessions: amount("sessions"),
  sendingIp: text("sending_ip"),
  receivingHost: text("receiving_host"),
  reason: text("reason"),
});

export const feedbackReports = pgTable("feedback_reports", {
  ...whose(),
  id: uuid("id").primaryKey(),
  serverId: uuid("server_id").notNull(),
  kind: text("kind").$type<"failure" | "complaint">().notNull(),
  domain: text("domain").notNull(),
  type: text("type").notNull(),
  reporter: text("reporter").notNull(),
  provider: text("provider").notNull(),
  reportedAt: moment("reported_at").notNull(),
  sourceIp: text("source_ip"),
  incidents: amount("incidents"),
  dkimDomain: text("dkim_domain"),
  dkimSelector: text("dkim_selector"),
  feedbackId: text("feedback_id"),
  failure: text("failure"),
  results: jsonb("results").$type<Readonly<Record<string, string>>>().notNull(),
});

export const reportTroubles = pgTable(
  "report_troubles",
  {
    ...whose(),
    serverId: uuid("server_id").notNull(),
    day: date("day", { mode: "string" }).notNull(),
    kind: text("kind").$type<"unread" | "other" | "no-room" | "foreign">().notNull(),
    why: text("why").notNull(),
    mails: amount("mails"),
    lastAt: moment("last_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.day, table.kind, table.why] })],
);

/** What a page of a large organisation shows, as the worker added it up. */
export const keptAnswers = pgTable("kept_answers", {
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  question: text("question").$type<"senders" | "encryption">().notNull(),
  span: text("span").$type<"week" | "month" | "quarter">().notNull(),
  keptAt: moment("kept_at").notNull(),
  answer: jsonb("answer").$type<unknown>().notNull(),
});

export const settledSources = pgTable(
  "settled_sources",
  {
    ...whose(),
    domainId: uuid("domain_id").notNull(),
    source: text("source").notNull(),
    failedPerDay: doublePrecision("failed_per_day").notNull(),
    wasGuarded: boolean("was_guarded").notNull(),
    settledBy: text("settled_by").notNull(),
    settledAt: moment("settled_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.domainId, table.source] })],
);
