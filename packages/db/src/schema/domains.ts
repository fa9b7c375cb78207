import type { DkimAlgorithm } from "@mailstead/core/servers";
import { boolean, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export const domains = pgTable("domains", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  name: text("name").notNull(),
  createdAt: moment("created_at").notNull(),
  nextCheckAt: moment("next_check_at"),
  unsettledSince: moment("unsettled_since"),
  resolverProblem: text("resolver_problem"),
  resolverProblemAt: moment("resolver_problem_at"),
});

export const domainServers = pgTable(
  "domain_servers",
  {
    domainId: uuid("domain_id").notNull(),
    serverId: uuid("server_id").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.domainId, table.serverId] })],
);

export const dkimKeys = pgTable("dkim_keys", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  domainId: uuid("domain_id").notNull(),
  serverId: uuid("server_id").notNull(),
  selector: text("selector").notNull(),
  algorithm: text("algorithm").$type<DkimAlgorithm>().notNull(),
  publicKey: text("public_key"),
  isSigning: boolean("is_signing").notNull().default(false),
  createdAt: moment("created_at").notNull(),
  reportedAt: moment("reported_at"),
});

export const dnsChecks = pgTable("dns_checks", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  domainId: uuid("domain_id").notNull(),
  checkedAt: moment("checked_at").notNull(),
  report: jsonb("report").$type<unknown>().notNull(),
});
