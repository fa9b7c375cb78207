import { integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export const accountAlerts = pgTable(
  "account_alerts",
  {
    serverId: uuid("server_id").notNull(),
    address: text("address").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    certainty: text("certainty").$type<"possible" | "high">(),
    signs: jsonb("signs").$type<unknown>().notNull(),
    suspiciousSince: moment("suspicious_since"),
    heldBy: text("held_by").$type<"agent" | "person">(),
    heldSince: moment("held_since"),
    messagesHeld: integer("messages_held").notNull().default(0),
    toldAt: moment("told_at").notNull(),
    judgedAt: moment("judged_at"),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.address] })],
);
