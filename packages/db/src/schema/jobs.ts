import type { JobLane, JobOutcome, JobState, JobVerb, ProgressBody } from "@mailstead/core/jobs";
import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export const jobs = pgTable("jobs", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  serverId: uuid("server_id").notNull(),
  sequence: bigint("sequence", { mode: "number" }).notNull(),
  lane: text("lane").$type<JobLane>().notNull(),
  verb: text("verb").$type<JobVerb>().notNull(),
  args: jsonb("args").$type<unknown>().notNull(),
  isInstall: boolean("is_install").notNull().default(false),
  state: text("state").$type<JobState>().notNull().default("queued"),
  signedOrder: text("signed_order"),
  signature: text("signature"),
  keyFingerprint: text("key_fingerprint"),
  gatewayId: uuid("gateway_id"),
  progressNumber: integer("progress_number").notNull().default(0),
  outcome: jsonb("outcome").$type<JobOutcome>(),
  requestedBy: text("requested_by").notNull(),
  requestedById: uuid("requested_by_id"),
  createdAt: moment("created_at").notNull(),
  signedAt: moment("signed_at"),
  dispatchedAt: moment("dispatched_at"),
  acceptedAt: moment("accepted_at"),
  startedAt: moment("started_at"),
  endedAt: moment("ended_at"),
  cancelRequestedAt: moment("cancel_requested_at"),
  deadlineAt: moment("deadline_at").notNull(),
});

export const jobEvents = pgTable(
  "job_events",
  {
    jobId: uuid("job_id").notNull(),
    number: integer("number").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    at: moment("at").notNull(),
    body: jsonb("body").$type<ProgressBody>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.number] })],
);

export const outbox = pgTable("outbox", {
  id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  kind: text("kind").notNull(),
  subjectId: uuid("subject_id").notNull(),
  createdAt: moment("created_at").notNull(),
});
