import type { Reputation, ReputationEvidence } from "@mailstead/core/reputation";
import { bigint, date, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

const count = (name: string) => bigint(name, { mode: "number" }).notNull();

export const reputationDays = pgTable("reputation_days", {
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  serverId: uuid("server_id"),
  address: text("address").notNull(),
  domainId: uuid("domain_id"),
  provider: text("provider").notNull(),
  day: date("day").notNull(),
  reputation: text("reputation").$type<Reputation>().notNull(),
  since: moment("since").notNull(),
  reason: text("reason").$type<ReputationEvidence["code"]>(),
  evidence: jsonb("evidence").$type<readonly ReputationEvidence[]>().notNull(),
  messages: count("messages"),
  delivered: count("delivered"),
  deferred: count("deferred"),
  refused: count("refused"),
  slowed: count("slowed"),
  blocked: count("blocked"),
  judgedMessages: count("judged_messages"),
  judgedTroubled: count("judged_troubled"),
});

export const fleetDays = pgTable("fleet_days", {
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  day: date("day").notNull(),
  provider: text("provider").notNull(),
  messages: count("messages"),
  delivered: count("delivered"),
  deferred: count("deferred"),
  refused: count("refused"),
  slowed: count("slowed"),
  blocked: count("blocked"),
  senders: integer("senders").notNull(),
  heldSenders: integer("held_senders").notNull(),
});
