import type { ChangeUrgency, OutdatedUnit } from "@mailstead/core/updates";
import { boolean, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

const scope = () => ({
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
});

export const serverPackages = pgTable(
  "server_packages",
  {
    serverId: uuid("server_id").notNull(),
    name: text("name").notNull(),
    architecture: text("architecture").notNull(),
    ...scope(),
    version: text("version").notNull(),
    sourceName: text("source_name").notNull(),
    sourceVersion: text("source_version").notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.name, table.architecture] })],
);

export const serverUpdates = pgTable(
  "server_updates",
  {
    serverId: uuid("server_id").notNull(),
    name: text("name").notNull(),
    architecture: text("architecture").notNull(),
    ...scope(),
    fromVersion: text("from_version"),
    toVersion: text("to_version").notNull(),
    origin: text("origin").notNull(),
    isSecurity: boolean("is_security").notNull(),
    urgency: text("urgency").$type<ChangeUrgency>(),
    cves: text("cves").array().notNull(),
    sourceName: text("source_name").notNull(),
    isLead: boolean("is_lead").notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.name, table.architecture] })],
);

export const serverInventories = pgTable("server_inventories", {
  serverId: uuid("server_id").primaryKey(),
  ...scope(),
  runningKernel: text("running_kernel").notNull(),
  newestKernel: text("newest_kernel"),
  isRebootRequired: boolean("is_reboot_required").notNull(),
  rebootPackages: jsonb("reboot_packages").$type<readonly string[]>().notNull(),
  outdatedUnits: jsonb("outdated_units").$type<readonly OutdatedUnit[]>().notNull(),
  isRestartDue: boolean("is_restart_due").notNull(),
  agentVersion: text("agent_version").notNull(),
  changelogs: text("changelogs").$type<"read" | "partly" | "unreachable">().notNull(),
  changelogsSentence: text("changelogs_sentence"),
  areUpdatesKnown: boolean("are_updates_known").notNull(),
  untoldPackages: integer("untold_packages").notNull(),
  toldAt: moment("told_at").notNull(),
});
