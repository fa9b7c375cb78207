import type { ZoneKeys } from "@mailstead/core/servers";
import type { KeyRoll, ZoneRecordType } from "@mailstead/core/zones";
import { boolean, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export const zones = pgTable("zones", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  name: text("name").notNull(),
  signers: jsonb("signers").$type<ZoneKeys["signers"]>(),
  publicKeys: jsonb("public_keys").$type<string[]>(),
  keysReportedAt: moment("keys_reported_at"),
  keyRoll: jsonb("key_roll").$type<KeyRoll>(),
  plannedAt: moment("planned_at"),
  writtenDigest: text("written_digest"),
  checkedAt: moment("checked_at"),
  checkReport: jsonb("check_report").$type<unknown>(),
  nextCheckAt: moment("next_check_at"),
  createdAt: moment("created_at").notNull(),
});

export type ZoneRole = "primary" | "secondary";

export const zoneServers = pgTable(
  "zone_servers",
  {
    zoneId: uuid("zone_id").notNull(),
    serverId: uuid("server_id").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    role: text("role").$type<ZoneRole>().notNull(),
    nameServer: text("name_server").notNull(),
    sealedFor: text("sealed_for").notNull(),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.zoneId, table.role] })],
);

export const zoneSecrets = pgTable("zone_secrets", {
  zoneId: uuid("zone_id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  box: text("box").notNull(),
});

export const zoneRecords = pgTable("zone_records", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  zoneId: uuid("zone_id").notNull(),
  domainId: uuid("domain_id"),
  purpose: text("purpose"),
  isFromPlan: boolean("is_from_plan").notNull().default(false),
  name: text("name").notNull(),
  type: text("type").$type<ZoneRecordType>().notNull(),
  ttlSeconds: integer("ttl_seconds").notNull(),
  value: text("value").notNull(),
  leavesAt: moment("leaves_at"),
  createdAt: moment("created_at").notNull(),
});
