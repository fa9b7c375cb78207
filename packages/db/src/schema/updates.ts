import type { ChangeUrgency, IssueUrgency, OutdatedUnit } from "@mailstead/core/updates";
import { boolean, customType, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
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
    isLead: boolean("is_lead").notNull(),
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

const bytes = customType<{ data: Buffer }>({ dataType: () => "bytea" });

export const securityLists = pgTable("security_lists", {
  suite: text("suite").primaryKey(),
  organisationId: uuid("organisation_id"),
  body: bytes("body"),
  digest: text("digest"),
  etag: text("etag"),
  lastModified: text("last_modified"),
  issueCount: integer("issue_count"),
  fetchedAt: moment("fetched_at"),
  triedAt: moment("tried_at"),
  nextTryAt: moment("next_try_at").notNull(),
  problem: text("problem"),
});

const sourceVersion = () => ({
  suite: text("suite").notNull(),
  sourceName: text("source_name").notNull(),
  sourceVersion: text("source_version").notNull(),
});

export const judgedSources = pgTable(
  "judged_sources",
  { ...sourceVersion(), organisationId: uuid("organisation_id"), digest: text("digest").notNull() },
  (table) => [primaryKey({ columns: [table.suite, table.sourceName, table.sourceVersion] })],
);

export const sourceIssues = pgTable(
  "source_issues",
  {
    ...sourceVersion(),
    cve: text("cve").notNull(),
    organisationId: uuid("organisation_id"),
    urgency: text("urgency").$type<IssueUrgency>(),
    isRemote: boolean("is_remote"),
    isFixed: boolean("is_fixed").notNull(),
    fixedVersion: text("fixed_version"),
  },
  (table) => [primaryKey({ columns: [table.suite, table.sourceName, table.sourceVersion, table.cve] })],
);

export const openSources = pgTable(
  "open_sources",
  {
    ...scope(),
    ...sourceVersion(),
    toVersion: text("to_version").notNull(),
    servers: integer("servers").notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.tenantId, table.suite, table.sourceName, table.sourceVersion, table.toVersion],
    }),
  ],
);
