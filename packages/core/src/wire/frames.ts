import { z } from "zod";
import { jobOutcomeSchema, jobRefusalSchema, progressEventSchema, signedJobSchema } from "../jobs/index.ts";
import { directoryChangeSchema } from "../mailboxes/index.ts";
import { hostFactsSchema, observedReportSchema } from "../servers/index.ts";
import { toldText } from "../text/index.ts";

/** Grows by one with each change of the protocol; the control plane speaks this number and the two before it. */
export const protocolVersion = 1;
export const oldestProtocolVersion = 1;
export const frameSizeMaxBytes = 1_048_576;
export const pingEveryMs = 30_000;

/** Text an agent signs to prove its key: bound to this connection's nonce, its boot and its session counter. */
export function proofText(proof: {
  nonce: string;
  agentId: string;
  protocolVersion: number;
  bootId: string;
  sessionCounter: number;
}): string {
  return `mailstead-agent-proof\n${proof.nonce}\n${proof.agentId}\n${proof.protocolVersion}\n${proof.bootId}\n${proof.sessionCounter}`;
}

/**
 * What an agent tells without being asked, each in an order of its own: counts of deliveries, what Rspamd decided,
 * reports that arrived, where block lists name the host, mailboxes that send unlike themselves, and what software it has.
 */
export const telemetryStreamSchema = z.enum([
  "delivery",
  "verdicts",
  "reports",
  "block-lists",
  "accounts",
  "inventory",
]);
export type TelemetryStream = z.infer<typeof telemetryStreamSchema>;

/** Where a job stands in the agent's journal. */
export const journalEntrySchema = z.object({
  jobId: z.uuid(),
  state: z.enum(["accepted", "running", "ended"]),
  /** Number of the last progress event that the agent has recorded. */
  progressNumber: z.int().nonnegative(),
  outcome: jobOutcomeSchema.optional(),
});

/** Frames an agent sends. Unknown fields are ignored by both sides; an unknown frame type is ignored and counted. */
export const agentFrameSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("proof"),
    agentId: z.uuid(),
    protocolVersion: z.int(),
    agentVersion: toldText(50),
    bootId: toldText(64),
    /** Grows with every connection and is stored before it is used; an old number means a cloned host. */
    sessionCounter: z.int().positive(),
    signature: z.string().max(128),
  }),
  /**
   * Sent once after `welcome`, and before it nothing is delivered: every job whose end the control plane has not
   * confirmed. What is not in it never reached this host, or was lost with its journal.
   */
  z.object({ type: z.literal("journal"), entries: z.array(journalEntrySchema).max(1000) }),
  z.object({ type: z.literal("job-accepted"), jobId: z.uuid() }),
  z.object({
    type: z.literal("job-refused"),
    jobId: z.uuid(),
    reason: jobRefusalSchema,
    sentence: toldText(1000),
  }),
  z.object({
    type: z.literal("job-progress"),
    jobId: z.uuid(),
    events: z.array(progressEventSchema).min(1).max(200),
  }),
  z.object({
    type: z.literal("job-ended"),
    jobId: z.uuid(),
    progressNumber: z.int().nonnegative(),
    outcome: jobOutcomeSchema,
  }),
  z.object({ type: z.literal("facts"), facts: hostFactsSchema }),
  z.object({ type: z.literal("observed"), report: observedReportSchema }),
  /**
   * The next of what a stream of this host has to tell. A sequence begins at one in each epoch, which is new where the
   * host lost what it kept; each number is stored once, with what it carries, however often it is sent.
   */
  z.object({
    type: z.literal("telemetry"),
    stream: telemetryStreamSchema,
    epoch: z.uuid(),
    sequence: z.int().positive(),
    /** Read by whoever knows the stream; what it cannot read holds up nothing that follows. */
    batch: z.unknown(),
  }),
  z.object({
    type: z.literal("target-state-request"),
    requestId: z.string().max(64),
    revision: z.int().positive(),
    /** Asks for the part that begins at this UTF-16 unit; without it for the whole text, which may fit no frame. */
    from: z.int().nonnegative().optional(),
  }),
  z.object({
    type: z.literal("directory-request"),
    requestId: z.string().max(64),
    epoch: z.int().nonnegative(),
    afterRevision: z.int().nonnegative(),
    /** The gateway sends changes up to this revision only, so that the chain of the signed job can be checked. */
    upToRevision: z.int().nonnegative(),
  }),
]);
export type AgentFrame = z.infer<typeof agentFrameSchema>;

/** Frames a gateway sends. */
export const gatewayFrameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("challenge"), nonce: z.string().max(64) }),
  z.object({ type: z.literal("welcome"), serverTimeUnixMs: z.number(), protocolVersion: z.int() }),
  z.object({
    type: z.literal("refused"),
    code: z.enum([
      "unknown-agent",
      "bad-signature",
      "old-counter",
      "quarantined",
      "protocol-too-old",
      "busy",
    ]),
    sentence: z.string().max(1000),
    retryAfterMs: z.number().nonnegative(),
  }),
  z.object({ type: z.literal("job"), job: signedJobSchema }),
  z.object({ type: z.literal("cancel-job"), jobId: z.uuid() }),
  /**
   * All events up to this number are stored, without a gap, and need not be sent again. A number below what the agent
   * has sent means that what follows it is missing and must be sent once more.
   */
  z.object({ type: z.literal("progress-stored"), jobId: z.uuid(), number: z.int().nonnegative() }),
  /** The result and the whole story are stored; the agent may forget the job. */
  z.object({ type: z.literal("result-stored"), jobId: z.uuid() }),
  /** `document` is the exact text, or the part asked for, whose SHA-256 the signed job names; null when there is no such revision. */
  z.object({
    type: z.literal("target-state"),
    requestId: z.string().max(64),
    document: z.string().nullable(),
    /** True when the text goes on after this part. */
    hasMore: z.boolean().optional(),
  }),
  z.object({
    type: z.literal("directory-changes"),
    requestId: z.string().max(64),
    epoch: z.int().positive(),
    changes: z.array(directoryChangeSchema).max(2000),
    /** False on the last page. */
    hasMore: z.boolean(),
  }),
  /** Everything of this stream and epoch up to this number is stored and may be forgotten. */
  z.object({
    type: z.literal("telemetry-stored"),
    stream: telemetryStreamSchema,
    epoch: z.uuid(),
    sequence: z.int().nonnegative(),
  }),
  /** The gateway is going away; reconnect after the delay, spread at random. */
  z.object({ type: z.literal("drain"), retryAfterMs: z.number().nonnegative() }),
]);
export type GatewayFrame = z.infer<typeof gatewayFrameSchema>;
