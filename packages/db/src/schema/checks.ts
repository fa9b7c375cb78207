import { integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export const serverChecks = pgTable("server_checks", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  serverId: uuid("server_id").notNull(),
  checkedAt: moment("checked_at").notNull(),
  report: jsonb("report").$type<unknown>().notNull(),
});

export const checkFindings = pgTable("check_findings", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  domainId: uuid("domain_id"),
  serverId: uuid("server_id"),
  zoneId: uuid("zone_id"),
  withdrawnDomain: text("withdrawn_domain"),
  key: text("key").notNull(),
  severity: text("severity").$type<"error" | "warning" | "instruction">().notNull(),
  sentence: text("sentence").notNull(),
  openedAt: moment("opened_at").notNull(),
  closedAt: moment("closed_at"),
  openedToldAt: moment("opened_told_at"),
  closedToldAt: moment("closed_told_at"),
  details: jsonb("details").$type<unknown>(),
  partOf: uuid("part_of"),
  acknowledgedAt: moment("acknowledged_at"),
  acknowledgedBy: text("acknowledged_by"),
  snoozedUntil: moment("snoozed_until"),
});

export const hostConditions = pgTable(
  "host_conditions",
  {
    serverId: uuid("server_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    key: text("key").notNull(),
    level: text("level").$type<"attention" | "trouble">().notNull(),
    state: text("state").$type<"rising" | "holding" | "falling">().notNull(),
    since: moment("since").notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.key, table.level] })],
);

export const outgoingMails = pgTable("outgoing_mails", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  userId: uuid("user_id").notNull(),
  recipient: text("recipient").notNull(),
  subject: text("subject").notNull(),
  body: text("body").notNull(),
  createdAt: moment("created_at").notNull(),
  takenUntil: moment("taken_until"),
  attempts: integer("attempts").notNull().default(0),
  sentAt: moment("sent_at"),
  failedAt: moment("failed_at"),
  problem: text("problem"),
});
