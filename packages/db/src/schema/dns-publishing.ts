import { boolean, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export const workerSealingKeys = pgTable("worker_sealing_keys", {
  publicKey: text("public_key").primaryKey(),
  organisationId: uuid("organisation_id"),
  storedAt: moment("stored_at").notNull(),
});

export type DnsConnectionState = "testing" | "working" | "failing";

export const dnsConnections = pgTable("dns_connections", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  provider: text("provider").notNull(),
  label: text("label").notNull(),
  box: text("box").notNull(),
  zones: jsonb("zones").$type<readonly { name: string; id: string }[]>().notNull().default([]),
  state: text("state").$type<DnsConnectionState>().notNull().default("testing"),
  problem: text("problem"),
  testRequestedAt: moment("test_requested_at").notNull(),
  testedAt: moment("tested_at"),
  createdAt: moment("created_at").notNull(),
  leavingSince: moment("leaving_since"),
});

export type DnsWithdrawalState = "waiting" | "failed";

export const dnsWithdrawals = pgTable("dns_withdrawals", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  domainId: uuid("domain_id").notNull(),
  domainName: text("domain_name").notNull(),
  connectionId: uuid("connection_id"),
  state: text("state").$type<DnsWithdrawalState>().notNull().default("waiting"),
  problem: text("problem"),
  attempts: integer("attempts").notNull().default(0),
  nextAttemptAt: moment("next_attempt_at").notNull(),
  requestedBy: text("requested_by").notNull(),
  requestedById: uuid("requested_by_id"),
  createdAt: moment("created_at").notNull(),
  claimedUntil: moment("claimed_until"),
});

export const dnsPublishedRecords = pgTable("dns_published_records", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  domainId: uuid("domain_id"),
  withdrawalId: uuid("withdrawal_id"),
  formerDomainId: uuid("former_domain_id"),
  formerDomainName: text("former_domain_name"),
  leftAt: moment("left_at"),
  zone: text("zone").notNull(),
  name: text("name").notNull(),
  type: text("type").notNull(),
  value: text("value").notNull(),
  publishedAt: moment("published_at").notNull(),
});

export const dnsZoneWriters = pgTable("dns_zone_writers", {
  zone: text("zone").primaryKey(),
  organisationId: uuid("organisation_id"),
  writer: uuid("writer").notNull(),
  until: moment("until").notNull(),
});

export type DnsPublicationState = "planning" | "planned" | "publishing" | "published" | "failed";

export const dnsPublications = pgTable("dns_publications", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  domainId: uuid("domain_id").notNull(),
  state: text("state").$type<DnsPublicationState>().notNull().default("planning"),
  plan: jsonb("plan").$type<unknown>(),
  allowed: jsonb("allowed")
    .$type<readonly { name: string; type: string; value: string }[]>()
    .notNull()
    .default([]),
  problem: text("problem"),
  isProblemTemporary: boolean("is_problem_temporary").notNull().default(false),
  hasChangedMeanwhile: boolean("has_changed_meanwhile").notNull().default(false),
  requestedBy: text("requested_by").notNull(),
  requestedById: uuid("requested_by_id"),
  createdAt: moment("created_at").notNull(),
  plannedAt: moment("planned_at"),
  confirmedAt: moment("confirmed_at"),
  endedAt: moment("ended_at"),
  claimedUntil: moment("claimed_until"),
});
