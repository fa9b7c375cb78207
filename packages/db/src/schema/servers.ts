import type { HostFacts, ObservedReport } from "@mailstead/core/servers";
import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export const gateways = pgTable("gateways", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id"),
  name: text("name").notNull(),
  startedAt: moment("started_at").notNull(),
  heartbeatAt: moment("heartbeat_at").notNull(),
});

export type EnrolmentState = "awaiting-agent" | "enrolled" | "quarantined";

export const servers = pgTable("servers", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  name: text("name").notNull(),
  hostname: text("hostname").notNull(),
  enrolmentState: text("enrolment_state").$type<EnrolmentState>().notNull().default("awaiting-agent"),
  gatewayId: uuid("gateway_id"),
  connectedAt: moment("connected_at"),
  lastSeenAt: moment("last_seen_at"),
  facts: jsonb("facts").$type<HostFacts>(),
  factsAt: moment("facts_at"),
  addressesChangedAt: moment("addresses_changed_at"),
  upkeepChangedAt: moment("upkeep_changed_at"),
  observed: jsonb("observed").$type<ObservedReport>(),
  observedAt: moment("observed_at"),
  hasDrift: boolean("has_drift").notNull().default(false),
  installRequestedAt: moment("install_requested_at"),
  targetRevision: integer("target_revision").notNull().default(0),
  appliedRevision: integer("applied_revision").notNull().default(0),
  directoryEpoch: integer("directory_epoch").notNull().default(1),
  directoryRevision: integer("directory_revision").notNull().default(0),
  directoryChain: text("directory_chain").notNull().default(""),
  appliedDirectoryEpoch: integer("applied_directory_epoch").notNull().default(0),
  appliedDirectoryRevision: integer("applied_directory_revision").notNull().default(0),
  nextJobSequence: bigint("next_job_sequence", { mode: "number" }).notNull().default(1),
  createdAt: moment("created_at").notNull(),
  nextCheckAt: moment("next_check_at"),
  goesFirst: boolean("goes_first").notNull().default(false),
});

export const agents = pgTable("agents", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  serverId: uuid("server_id").notNull(),
  publicKey: text("public_key").notNull(),
  sealingKey: text("sealing_key").notNull(),
  machineId: text("machine_id").notNull(),
  hostname: text("hostname").notNull(),
  agentVersion: text("agent_version").notNull(),
  protocolVersion: integer("protocol_version").notNull(),
  bootId: text("boot_id"),
  sessionCounter: bigint("session_counter", { mode: "number" }).notNull().default(0),
  enrolledAt: moment("enrolled_at").notNull(),
  quarantinedAt: moment("quarantined_at"),
});

export const enrolmentTokens = pgTable("enrolment_tokens", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  serverId: uuid("server_id").notNull(),
  tokenHash: text("token_hash").notNull(),
  createdAt: moment("created_at").notNull(),
  expiresAt: moment("expires_at").notNull(),
  usedAt: moment("used_at"),
});

export const targetStates = pgTable(
  "target_states",
  {
    serverId: uuid("server_id").notNull(),
    revision: integer("revision").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    document: text("document").notNull(),
    digest: text("digest").notNull(),
    authorId: uuid("author_id"),
    authorName: text("author_name").notNull(),
    summary: text("summary").notNull(),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.revision] })],
);

export const relaySecrets = pgTable(
  "relay_secrets",
  {
    serverId: uuid("server_id").notNull(),
    sendersOf: text("senders_of").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    box: text("box").notNull(),
    sealedFor: text("sealed_for").notNull().default(""),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.sendersOf] })],
);

/** A smarthost that is tried before it takes effect. */
export interface SmarthostTrial {
  /** Whose mail, or which receivers. */
  readonly of: string;
  readonly host: string;
  readonly port: number;
  readonly jobId: string;
}

export const smarthostChanges = pgTable(
  "smarthost_changes",
  {
    serverId: uuid("server_id").notNull(),
    concerns: text("concerns").$type<"senders" | "receivers">().notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    wanted: jsonb("wanted").notNull(),
    trials: jsonb("trials").$type<SmarthostTrial[]>().notNull(),
    problem: text("problem"),
    tries: integer("tries").notNull().default(1),
    retryAt: moment("retry_at"),
    requestedBy: text("requested_by").notNull(),
    requestedAt: moment("requested_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.concerns] })],
);
