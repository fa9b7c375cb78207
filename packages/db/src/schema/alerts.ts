import type { Alert } from "@mailstead/core/alerts";
import { integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

type Severity = "error" | "warning" | "instruction";

export const alertChannels = pgTable("alert_channels", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  name: text("name").notNull(),
  kind: text("kind").$type<"mail" | "webhook">().notNull(),
  target: text("target").notNull(),
  box: text("box"),
  leastSeverity: text("least_severity").$type<Severity>().notNull(),
  keyPrefixes: text("key_prefixes").array().notNull().default([]),
  quietFromMinute: integer("quiet_from_minute"),
  quietUntilMinute: integer("quiet_until_minute"),
  breaksThrough: text("breaks_through").$type<Severity>(),
  stoppedAt: moment("stopped_at"),
  stoppedBecause: text("stopped_because"),
  createdAt: moment("created_at").notNull(),
});

export const toldFindings = pgTable(
  "told_findings",
  {
    channelId: uuid("channel_id").notNull(),
    subject: text("subject").notNull(),
    key: text("key").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id"),
    severity: text("severity").$type<Severity>().notNull(),
    sentence: text("sentence").notNull(),
    subjectName: text("subject_name").notNull(),
    tenantName: text("tenant_name"),
    findingId: uuid("finding_id"),
    path: text("path"),
    toldAt: moment("told_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.channelId, table.subject, table.key] })],
);

export const alerts = pgTable("alerts", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  channelId: uuid("channel_id").notNull(),
  body: jsonb("body").$type<Alert>().notNull(),
  createdAt: moment("created_at").notNull(),
  dueAt: moment("due_at").notNull(),
  takenUntil: moment("taken_until"),
  attempts: integer("attempts").notNull().default(0),
  sentAt: moment("sent_at"),
  failedAt: moment("failed_at"),
});

export const alertAttempts = pgTable(
  "alert_attempts",
  {
    alertId: uuid("alert_id").notNull(),
    number: integer("number").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id"),
    at: moment("at").notNull(),
    outcome: text("outcome").$type<"sent" | "temporary" | "permanent">().notNull(),
    problem: text("problem"),
    tookMs: integer("took_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.alertId, table.number] })],
);
