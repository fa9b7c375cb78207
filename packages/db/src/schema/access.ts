import { bigint, boolean, integer, jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";

export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

export const organisations = pgTable("organisations", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  createdAt: moment("created_at").notNull(),
  findingsToldAt: moment("findings_told_at"),
  dkimZone: text("dkim_zone"),
  timeZone: text("time_zone").notNull().default("UTC"),
});

export const tenants = pgTable("tenants", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  name: text("name").notNull(),
  createdAt: moment("created_at").notNull(),
});

export const users = pgTable("users", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  email: text("email").notNull(),
  name: text("name").notNull(),
  passwordHash: text("password_hash").notNull(),
  sessionVersion: integer("session_version").notNull().default(1),
  createdAt: moment("created_at").notNull(),
  disabledAt: moment("disabled_at"),
  wantsCheckDigest: boolean("wants_check_digest").notNull().default(true),
});

export type MembershipRole = "owner" | "admin" | "technician" | "auditor";

export const memberships = pgTable("memberships", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  userId: uuid("user_id").notNull(),
  tenantId: uuid("tenant_id"),
  role: text("role").$type<MembershipRole>().notNull(),
  createdAt: moment("created_at").notNull(),
});

export const sessions = pgTable("sessions", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  userId: uuid("user_id").notNull(),
  sessionVersion: integer("session_version").notNull(),
  createdAt: moment("created_at").notNull(),
  lastUsedAt: moment("last_used_at").notNull(),
  expiresAt: moment("expires_at").notNull(),
  revokedAt: moment("revoked_at"),
  ipAddress: text("ip_address").notNull(),
  userAgent: text("user_agent").notNull(),
});

export const ownerLinks = pgTable("owner_links", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id"),
  tokenHash: text("token_hash").notNull(),
  createdAt: moment("created_at").notNull(),
  expiresAt: moment("expires_at").notNull(),
  usedAt: moment("used_at"),
});

export const signInAttempts = pgTable("sign_in_attempts", {
  id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
  organisationId: uuid("organisation_id"),
  subject: text("subject").notNull(),
  network: text("network"),
  outcome: text("outcome").$type<"failed" | "succeeded">(),
  attemptedAt: moment("attempted_at").notNull(),
});

export const auditEntries = pgTable("audit_entries", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  actorKind: text("actor_kind").$type<"user" | "agent" | "system">().notNull(),
  actorId: uuid("actor_id"),
  actorName: text("actor_name").notNull(),
  action: text("action").notNull(),
  subjectKind: text("subject_kind").notNull(),
  subjectId: uuid("subject_id"),
  subjectName: text("subject_name").notNull(),
  before: jsonb("before").$type<unknown>(),
  after: jsonb("after").$type<unknown>(),
  requestId: text("request_id").notNull(),
  at: moment("at").notNull(),
});
