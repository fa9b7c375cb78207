import type { RevocationReason } from "@mailstead/core/certificates";
import { boolean, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export type ChallengeKind = "http-01" | "dns-01";

/** A record as a person or a provider writes it. */
export interface StoredRecord {
  name: string;
  type: "TXT" | "TLSA";
  value: string;
}

export const acmeSettings = pgTable("acme_settings", {
  organisationId: uuid("organisation_id").primaryKey(),
  directoryUrl: text("directory_url").notNull(),
  rootCertificates: text("root_certificates"),
  contact: text("contact").notNull(),
  eabKeyId: text("eab_key_id"),
  eabBox: text("eab_box"),
  termsAgreedAt: moment("terms_agreed_at"),
  termsAgreedBy: text("terms_agreed_by"),
  termsAgreedUrl: text("terms_agreed_url"),
  termsUrl: text("terms_url"),
  directoryReadAt: moment("directory_read_at"),
  directoryProblem: text("directory_problem"),
  directoryAttempts: integer("directory_attempts").notNull().default(0),
  nextDirectoryLookAt: moment("next_directory_look_at"),
  isAutomatic: boolean("is_automatic").notNull().default(true),
  changedAt: moment("changed_at"),
});

export const acmeAccounts = pgTable("acme_accounts", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  directoryUrl: text("directory_url").notNull(),
  url: text("url").notNull(),
  keyBox: text("key_box").notNull(),
  thumbprint: text("thumbprint").notNull(),
  contact: text("contact").notNull(),
  eabKeyId: text("eab_key_id"),
  rootCertificates: text("root_certificates"),
  createdAt: moment("created_at").notNull(),
});

export const certificates = pgTable("certificates", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  serverId: uuid("server_id").notNull(),
  domainId: uuid("domain_id"),
  challenge: text("challenge").$type<ChallengeKind>().notNull(),
  isWildcard: boolean("is_wildcard").notNull().default(false),
  names: text("names").array().notNull(),
  keyId: uuid("key_id").notNull(),
  chain: text("chain"),
  chainVersion: text("chain_version"),
  issuer: text("issuer"),
  caaIssuer: text("caa_issuer"),
  accountUrl: text("account_url"),
  notBefore: moment("not_before"),
  notAfter: moment("not_after"),
  nextKeyId: uuid("next_key_id"),
  nextNames: text("next_names").array(),
  retiringSpki: text("retiring_spki"),
  issuedRevision: integer("issued_revision"),
  nextSeenSince: moment("next_seen_since"),
  requestedAt: moment("requested_at"),
  renewAt: moment("renew_at"),
  windowStart: moment("window_start"),
  windowEnd: moment("window_end"),
  windowCheckAt: moment("window_check_at"),
  nextAttemptAt: moment("next_attempt_at").notNull(),
  attempts: integer("attempts").notNull().default(0),
  problem: text("problem"),
  problemKind: text("problem_kind").$type<"temporary" | "permanent">(),
  problemAt: moment("problem_at"),
  toPaste: jsonb("to_paste").$type<StoredRecord[]>().notNull().default([]),
  createdAt: moment("created_at").notNull(),
});

export const certificateKeys = pgTable("certificate_keys", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  serverId: uuid("server_id").notNull(),
  certificateId: uuid("certificate_id").notNull(),
  names: text("names").array().notNull(),
  request: text("request"),
  spkiSha256: text("spki_sha256"),
  createdAt: moment("created_at").notNull(),
  reportedAt: moment("reported_at"),
});

export const acmeOrders = pgTable("acme_orders", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  certificateId: uuid("certificate_id").notNull(),
  keyId: uuid("key_id").notNull(),
  directoryUrl: text("directory_url").notNull(),
  url: text("url").notNull(),
  published: jsonb("published").$type<StoredRecord[]>().notNull().default([]),
  endedAt: moment("ended_at"),
  outcome: text("outcome").$type<"issued" | "failed">(),
  problem: text("problem"),
  createdAt: moment("created_at").notNull(),
});

export const issuedCertificates = pgTable("issued_certificates", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  serverId: uuid("server_id").notNull(),
  certificateId: uuid("certificate_id").notNull(),
  domainId: uuid("domain_id"),
  title: text("title").notNull(),
  serverName: text("server_name").notNull(),
  directoryUrl: text("directory_url"),
  chainVersion: text("chain_version").notNull(),
  pem: text("pem").notNull(),
  serial: text("serial").notNull(),
  names: text("names").array().notNull(),
  issuer: text("issuer").notNull(),
  notBefore: moment("not_before").notNull(),
  notAfter: moment("not_after").notNull(),
  issuedAt: moment("issued_at").notNull(),
  revokeRequestedAt: moment("revoke_requested_at"),
  revokeRequestedBy: text("revoke_requested_by"),
  revokeReason: text("revoke_reason").$type<RevocationReason>(),
  revokeAtOnce: boolean("revoke_at_once").notNull().default(false),
  nextRevokeAt: moment("next_revoke_at"),
  revokeAttempts: integer("revoke_attempts").notNull().default(0),
  revokeProblem: text("revoke_problem"),
  revokedAt: moment("revoked_at"),
});

export const certificateLooks = pgTable(
  "certificate_looks",
  {
    domainId: uuid("domain_id").notNull(),
    serverId: uuid("server_id").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    lookedAt: moment("looked_at").notNull(),
    nextLookAt: moment("next_look_at").notNull(),
    sentence: text("sentence").notNull(),
  },
  (table) => [primaryKey({ columns: [table.domainId, table.serverId] })],
);
