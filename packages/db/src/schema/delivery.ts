import type { TelemetryStream } from "@mailstead/core/wire";
import { bigint, boolean, integer, json, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export const telemetryStreams = pgTable(
  "telemetry_streams",
  {
    serverId: uuid("server_id").notNull(),
    stream: text("stream").$type<TelemetryStream>().notNull(),
    epoch: uuid("epoch").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    sequence: bigint("sequence", { mode: "number" }).notNull(),
    unreadBatches: integer("unread_batches").notNull().default(0),
    unreadRows: bigint("unread_rows", { mode: "number" }).notNull().default(0),
    storedAt: moment("stored_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.stream, table.epoch] })],
);

const countColumns = () => ({
  serverId: uuid("server_id").notNull(),
  startsAt: moment("starts_at").notNull(),
  direction: text("direction").$type<"outbound" | "inbound" | "internal">().notNull(),
  domain: text("domain").notNull(),
  sendingAddress: text("sending_address").notNull(),
  provider: text("provider").notNull(),
  status: text("status").notNull(),
  category: text("category").notNull(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  attempts: bigint("attempts", { mode: "number" }).notNull(),
  firstAttempts: bigint("first_attempts", { mode: "number" }).notNull(),
  overTls: bigint("over_tls", { mode: "number" }).notNull(),
  sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
  latencies: jsonb("latencies").$type<Record<string, number>>().notNull(),
});

export const deliveryMinutes = pgTable("delivery_minutes", countColumns());
export const deliveryHours = pgTable("delivery_hours", countColumns());
export const deliveryDays = pgTable("delivery_days", countColumns());

/** What waits to be added to hours and days, one row for each batch. */
export const deliveryPending = pgTable("delivery_pending", {
  id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
  serverId: uuid("server_id").notNull(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  hours: json("hours").notNull(),
});

/** Up to when all that hosts told is in hours and days, but for what `stalledRollUps` names. One row. */
export const rollUpState = pgTable("roll_up_state", {
  isOnly: boolean("is_only").primaryKey().default(true),
  organisationId: uuid("organisation_id"),
  addedUntil: moment("added_until").notNull(),
});

/** Servers whose counts could not be added to hours and days, and since when they wait. */
export const stalledRollUps = pgTable("stalled_roll_ups", {
  serverId: uuid("server_id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  since: moment("since").notNull(),
});

export const replySamples = pgTable("reply_samples", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  serverId: uuid("server_id").notNull(),
  saidAt: moment("said_at").notNull(),
  domain: text("domain").notNull(),
  provider: text("provider").notNull(),
  category: text("category").notNull(),
  ruleId: text("rule_id"),
  relayName: text("relay_name"),
  reply: text("reply").notNull(),
});

export const latencySums = pgTable(
  "latency_sums",
  {
    serverId: uuid("server_id").notNull(),
    period: text("period").$type<"hour" | "day">().notNull(),
    startsAt: moment("starts_at").notNull(),
    provider: text("provider").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    delivered: bigint("delivered", { mode: "number" }).notNull(),
    latencies: jsonb("latencies").$type<Record<string, number>>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.period, table.startsAt, table.provider] })],
);

/** Days of a server that are over and summed; one that is not whole was told more of since. */
export const summedDays = pgTable(
  "summed_days",
  {
    serverId: uuid("server_id").notNull(),
    kind: text("kind").$type<"deliveries" | "verdicts">().notNull(),
    startsAt: moment("starts_at").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    isWhole: boolean("is_whole").notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.kind, table.startsAt] })],
);

export const serverDays = pgTable("server_days", {
  serverId: uuid("server_id").notNull(),
  startsAt: moment("starts_at").notNull(),
  sendingAddress: text("sending_address").notNull(),
  provider: text("provider").notNull(),
  status: text("status").notNull(),
  category: text("category").notNull(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  attempts: bigint("attempts", { mode: "number" }).notNull(),
  firstAttempts: bigint("first_attempts", { mode: "number" }).notNull(),
  overTls: bigint("over_tls", { mode: "number" }).notNull(),
  sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
});
