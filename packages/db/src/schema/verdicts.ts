import { bigint, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

type Counts = Record<string, number>;

const verdictColumns = () => ({
  serverId: uuid("server_id").notNull(),
  startsAt: moment("starts_at").notNull(),
  direction: text("direction").$type<"outbound" | "inbound" | "internal">().notNull(),
  domain: text("domain").notNull(),
  provider: text("provider").notNull(),
  action: text("action").notNull(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  messages: bigint("messages", { mode: "number" }).notNull(),
  facts: jsonb("facts").$type<Counts>().notNull(),
  scores: jsonb("scores").$type<Counts>().notNull(),
  symbols: jsonb("symbols").$type<Counts>().notNull(),
});

export const verdictHours = pgTable("verdict_hours", verdictColumns());
export const verdictDays = pgTable("verdict_days", verdictColumns());

export const serverVerdictDays = pgTable("server_verdict_days", {
  serverId: uuid("server_id").notNull(),
  startsAt: moment("starts_at").notNull(),
  direction: text("direction").$type<"outbound" | "inbound">().notNull(),
  action: text("action").notNull(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  messages: bigint("messages", { mode: "number" }).notNull(),
  facts: jsonb("facts").$type<Counts>().notNull(),
  scores: jsonb("scores").$type<Counts>().notNull(),
  symbols: jsonb("symbols").$type<Counts>().notNull(),
});
