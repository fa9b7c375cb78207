import type {
  DkimKeyState,
  RotationCourse,
  RotationKind,
  RotationStep,
  RotationTiming,
} from "@mailstead/core/dkim";
import { rotationIntervalDaysDefault } from "@mailstead/core/dkim";
import type { DomainRole } from "@mailstead/core/domains";
import type { DkimAlgorithm } from "@mailstead/core/servers";
import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export const domains = pgTable("domains", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  name: text("name").notNull(),
  createdAt: moment("created_at").notNull(),
  nextCheckAt: moment("next_check_at"),
  unsettledSince: moment("unsettled_since"),
  resolverProblem: text("resolver_problem"),
  resolverProblemAt: moment("resolver_problem_at"),
  rotationIntervalDays: integer("rotation_interval_days").default(rotationIntervalDaysDefault),
  nextRotationAt: moment("next_rotation_at"),
  isWithoutMail: boolean("is_without_mail").notNull().default(false),
  mailSettings: jsonb("mail_settings").$type<unknown>(),
  flattenedSpf: jsonb("flattened_spf").$type<FlattenedSpfRow>(),
  dkimDelegatedTo: text("dkim_delegated_to"),
  firstKeysPublication: jsonb("first_keys_publication").$type<unknown>(),
  firstKeysTryAt: moment("first_keys_try_at"),
});

/** The SPF record of a domain with addresses in the place of names, and of what it was made. */
export interface FlattenedSpfRow {
  of: string;
  record: string | null;
  caution: string | null;
  /** Why the last try made none, in a sentence; an earlier record of the same terms stays. */
  problem: string | null;
  /** ISO 8601. */
  at: string;
}

export const domainServers = pgTable(
  "domain_servers",
  {
    domainId: uuid("domain_id").notNull(),
    serverId: uuid("server_id").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    role: text("role").$type<DomainRole>().notNull(),
    leavesSince: moment("leaves_since"),
    createdAt: moment("created_at").notNull(),
    dkimPlace: integer("dkim_place"),
  },
  (table) => [primaryKey({ columns: [table.domainId, table.serverId] })],
);

export const dkimKeys = pgTable("dkim_keys", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  domainId: uuid("domain_id").notNull(),
  serverId: uuid("server_id").notNull(),
  selector: text("selector").notNull(),
  algorithm: text("algorithm").$type<DkimAlgorithm>().notNull(),
  publicKey: text("public_key"),
  state: text("state").$type<DkimKeyState>().notNull().default("waiting"),
  madeBy: uuid("made_by"),
  replacedBy: uuid("replaced_by"),
  shownSince: moment("shown_since"),
  privateKeyGoneAt: moment("private_key_gone_at"),
  recordEndsAt: moment("record_ends_at"),
  createdAt: moment("created_at").notNull(),
  reportedAt: moment("reported_at"),
  signsAs: text("signs_as"),
  publishedAtName: text("published_at_name"),
  isNameReused: boolean("is_name_reused").notNull().default(false),
  endedAt: moment("ended_at"),
  isGivenUp: boolean("is_given_up").notNull().default(false),
});

export type RotationOutcome = "finished" | "went-back" | "cancelled" | "superseded";

export const dkimRotations = pgTable("dkim_rotations", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  domainId: uuid("domain_id").notNull(),
  kind: text("kind").$type<RotationKind>().notNull(),
  course: text("course").$type<RotationCourse>().notNull().default("forward"),
  step: text("step").$type<RotationStep>().notNull(),
  stepSince: moment("step_since").notNull(),
  startedAt: moment("started_at").notNull(),
  startedBy: text("started_by").notNull(),
  reason: text("reason"),
  endedAt: moment("ended_at"),
  outcome: text("outcome").$type<RotationOutcome>(),
  cacheWaitMs: bigint("cache_wait_ms", { mode: "number" }).notNull(),
  timing: jsonb("timing").$type<RotationTiming>().notNull(),
  progress: jsonb("progress").$type<unknown>().notNull(),
  waitsFor: text("waits_for").notNull(),
  waitsUntil: moment("waits_until"),
  alarm: text("alarm"),
  alarmSince: moment("alarm_since"),
  lookAgainAt: moment("look_again_at").notNull(),
  leasedUntil: moment("leased_until"),
});

export const dkimRotationEvents = pgTable(
  "dkim_rotation_events",
  {
    rotationId: uuid("rotation_id").notNull(),
    number: integer("number").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    at: moment("at").notNull(),
    step: text("step").$type<RotationStep>().notNull(),
    kind: text("kind").notNull(),
    actorName: text("actor_name").notNull(),
    sentence: text("sentence").notNull(),
    evidence: jsonb("evidence").$type<unknown>(),
  },
  (table) => [primaryKey({ columns: [table.rotationId, table.number] })],
);

export const dnsChecks = pgTable("dns_checks", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  domainId: uuid("domain_id").notNull(),
  checkedAt: moment("checked_at").notNull(),
  report: jsonb("report").$type<unknown>().notNull(),
});
