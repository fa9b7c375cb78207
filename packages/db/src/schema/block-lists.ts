import { integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export const blockListSettings = pgTable("block_list_settings", {
  organisationId: uuid("organisation_id").primaryKey(),
  spamhaus: text("spamhaus").$type<"none" | "public" | "key">().notNull(),
  box: text("box"),
  abusixBox: text("abusix_box"),
  version: integer("version").notNull(),
  changedAt: moment("changed_at").notNull(),
});

const scope = () => ({
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
});

export const blockListHosts = pgTable("block_list_hosts", {
  serverId: uuid("server_id").primaryKey(),
  ...scope(),
  settingsVersion: integer("settings_version").notNull().default(0),
  sealedFor: text("sealed_for"),
  roundAt: moment("round_at"),
  judgedAt: moment("judged_at"),
});

export const blockListEntries = pgTable(
  "block_list_entries",
  {
    serverId: uuid("server_id").notNull(),
    list: text("list").notNull(),
    subject: text("subject").notNull(),
    ...scope(),
    state: text("state").$type<"clear" | "listed" | "unknown">().notNull(),
    since: moment("since").notNull(),
    seenAt: moment("seen_at"),
    askedAt: moment("asked_at").notNull(),
    codes: jsonb("codes").$type<readonly string[]>().notNull(),
    text: text("text"),
    problem: text("problem"),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.list, table.subject] })],
);

export const blockListChanges = pgTable("block_list_changes", {
  id: uuid("id").primaryKey(),
  ...scope(),
  serverId: uuid("server_id").notNull(),
  list: text("list").notNull(),
  subject: text("subject").notNull(),
  change: text("change").$type<"listed" | "clear">().notNull(),
  codes: jsonb("codes").$type<readonly string[]>().notNull(),
  text: text("text"),
  changedAt: moment("changed_at").notNull(),
});
