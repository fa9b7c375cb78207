import type { DirectoryChange, DirectoryEntry } from "@mailstead/core/mailboxes";
import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export const mailboxes = pgTable("mailboxes", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  domainId: uuid("domain_id").notNull(),
  localPart: text("local_part").notNull(),
  passwordHash: text("password_hash").notNull(),
  quotaBytes: bigint("quota_bytes", { mode: "number" }).notNull(),
  isEnabled: boolean("is_enabled").notNull().default(true),
  createdAt: moment("created_at").notNull(),
});

export const aliases = pgTable("aliases", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  domainId: uuid("domain_id").notNull(),
  localPart: text("local_part").notNull(),
  destinations: text("destinations").array().notNull(),
  createdAt: moment("created_at").notNull(),
});

export const directoryChanges = pgTable(
  "directory_changes",
  {
    serverId: uuid("server_id").notNull(),
    epoch: integer("epoch").notNull(),
    revision: integer("revision").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    op: text("op").$type<DirectoryChange["op"]>().notNull(),
    entryKind: text("entry_kind").$type<DirectoryChange["entryKind"]>().notNull(),
    key: text("key").notNull(),
    entry: jsonb("entry").$type<DirectoryEntry>(),
    chain: text("chain").notNull(),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.epoch, table.revision] })],
);
