import type { ComplianceRow, FeedFigures, FeedKind } from "@mailstead/core/feeds";
import {
  bigint,
  boolean,
  date,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export type FeedState = "testing" | "working" | "failing";
export type FeedDomainState = "waiting" | "to-paste" | "refused" | "verified";

export const feedConnections = pgTable("feed_connections", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  kind: text("kind").$type<FeedKind>().notNull(),
  label: text("label").notNull(),
  account: text("account").notNull(),
  box: text("box"),
  state: text("state").$type<FeedState>().notNull().default("testing"),
  problem: text("problem"),
  problemKind: text("problem_kind").$type<"temporary" | "permanent">(),
  problemSince: moment("problem_since"),
  lookedAt: moment("looked_at"),
  nextLookAt: moment("next_look_at"),
  failures: integer("failures").notNull().default(0),
  verifiesDomains: boolean("verifies_domains").notNull().default(false),
  linkedAt: moment("linked_at"),
  confirmedAt: moment("confirmed_at"),
  blocked: jsonb("blocked").$type<readonly { address: string; reason: string }[]>().notNull().default([]),
  createdAt: moment("created_at").notNull(),
});

export const feedDomains = pgTable(
  "feed_domains",
  {
    connectionId: uuid("connection_id").notNull(),
    domainId: uuid("domain_id").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    state: text("state").$type<FeedDomainState>().notNull(),
    toPaste: text("to_paste"),
    problem: text("problem"),
    compliance: jsonb("compliance").$type<readonly ComplianceRow[]>().notNull().default([]),
    lookedAt: moment("looked_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.connectionId, table.domainId] })],
);

export const feedDays = pgTable(
  "feed_days",
  {
    connectionId: uuid("connection_id").notNull(),
    subject: text("subject").notNull(),
    day: date("day", { mode: "string" }).notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    domainId: uuid("domain_id"),
    serverId: uuid("server_id"),
    messages: bigint("messages", { mode: "number" }),
    complaintsLower: doublePrecision("complaints_lower"),
    complaintsUpper: doublePrecision("complaints_upper"),
    figures: jsonb("figures").$type<FeedFigures>().notNull(),
    toldAt: moment("told_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.connectionId, table.subject, table.day] })],
);

export const googleApps = pgTable("google_apps", {
  organisationId: uuid("organisation_id").primaryKey(),
  clientId: text("client_id").notNull(),
  box: text("box").notNull(),
  changedAt: moment("changed_at").notNull(),
});

export const googleConsents = pgTable("google_consents", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  userId: uuid("user_id").notNull(),
  stateHash: text("state_hash").notNull(),
  box: text("box").notNull(),
  clientId: text("client_id").notNull(),
  redirectUri: text("redirect_uri").notNull(),
  connectionId: uuid("connection_id"),
  label: text("label").notNull(),
  verifiesDomains: boolean("verifies_domains").notNull(),
  codeBox: text("code_box"),
  claimedAt: moment("claimed_at"),
  expiresAt: moment("expires_at").notNull(),
});
