import { z } from "zod";
import { updateAgentArgsSchema, updateAgentResultSchema } from "../agent-updates/index.ts";
import { dkimSelectorSchema, domainNameSchema } from "../domains/index.ts";
import {
  queueActions,
  queueFilterSchema,
  queuePageMax,
  queuePageSchema,
  queueSkipMax,
  queueTargetSchema,
} from "../mail-queue/index.ts";
import { hostedAddressSchema } from "../mailboxes/index.ts";
import { traceCriteriaSchema, traceResultSchema, visibleDomainsSchema } from "../trace/index.ts";
import { installUpdatesArgsSchema, mailHealthSchema, updateResultSchema } from "../updates/index.ts";
import { zoneNameSchema } from "../zones/index.ts";

const testMessageLengthMax = 8192;

const sealedBoxLengthMax = 4096;

const smarthostTestSchema = z.object({
  /** How far it came; done when nothing is left that would keep mail from being handed over. */
  reached: z.enum(["nothing", "greeting", "tls", "sign-in", "sender", "done"]),
  /** Null when it is done; a temporary problem may be gone by itself. */
  retry: z.enum(["temporary", "permanent"]).nullable(),
  /** What was found, as one sentence for the person who asked. */
  sentence: z.string().max(1000),
});
export type SmarthostTest = z.infer<typeof smarthostTestSchema>;

/**
 * Every verb that an agent obeys, with the shape of its arguments and its result. There is no shell verb.
 * `lane`: one change runs at a time per server; diagnostics have a lane of their own.
 * `isConfidential`: arguments and result name people, so the job is shown to nobody but who asked, and forgotten soon.
 * `isCollapsing`: a new waiting job of this verb replaces the waiting one, because it says the same with newer facts.
 */
export const jobCatalog = {
  converge: {
    lane: "change",
    isCollapsing: true,
    deliverWithinMs: 7 * 86_400_000,
    runWithinMs: 45 * 60_000,
    args: z.object({
      targetRevision: z.int().positive(),
      /** SHA-256, hex, of the exact document text, so that the gateway that carries it cannot alter it. */
      targetDigest: z.string().regex(/^[0-9a-f]{64}$/),
      /** Puts back what was edited on the host by hand, whatever the drift policy says. */
      revertsDrift: z.boolean(),
    }),
    result: z.object({ stepsApplied: z.int(), changedPaths: z.array(z.string()), tookMs: z.number() }),
  },
  // A converge of a rollout, which can be taken back: what it replaces is kept under the rollout's id.
  "apply-configuration": {
    lane: "change",
    isCollapsing: false,
    // A server that comes back later is caught up with by its rollout.
    deliverWithinMs: 60 * 60_000,
    runWithinMs: 45 * 60_000,
    args: z.object({
      targetRevision: z.int().positive(),
      targetDigest: z.string().regex(/^[0-9a-f]{64}$/),
      revertsDrift: z.boolean(),
      formerId: z.uuid(),
    }),
    result: z.object({
      stepsApplied: z.int(),
      changedPaths: z.array(z.string()),
      /** What was done that the former files alone do not take back, as a person reads it. */
      withoutWayBack: z.array(z.string()),
      tookMs: z.number(),
    }),
  },
  // The configuration that was there before, from where it is kept.
  "restore-configuration": {
    lane: "change",
    isCollapsing: false,
    deliverWithinMs: 7 * 86_400_000,
    runWithinMs: 45 * 60_000,
    args: z.object({ formerId: z.uuid() }),
    result: z.object({
      changedPaths: z.array(z.string()),
      /** The revision that the host is at again. */
      revision: z.int().nonnegative(),
      tookMs: z.number(),
    }),
  },
  preview: {
    lane: "diagnostic",
    isCollapsing: true,
    deliverWithinMs: 10 * 60_000,
    runWithinMs: 2 * 60_000,
    args: z.object({ targetRevision: z.int().positive(), targetDigest: z.string().regex(/^[0-9a-f]{64}$/) }),
    result: z.object({ steps: z.array(z.object({ title: z.string(), diff: z.string() })) }),
  },
  "sync-directory": {
    lane: "change",
    isCollapsing: true,
    deliverWithinMs: 7 * 86_400_000,
    runWithinMs: 5 * 60_000,
    args: z.object({
      epoch: z.int().positive(),
      revision: z.int().nonnegative(),
      /** Head of the hash chain at that revision, hex; "" when the log is empty. */
      chain: z.string().regex(/^([0-9a-f]{64})?$/),
    }),
    result: z.object({ changesApplied: z.int(), tookMs: z.number() }),
  },
  "restart-service": {
    lane: "change",
    isCollapsing: false,
    deliverWithinMs: 60 * 60_000,
    runWithinMs: 2 * 60_000,
    args: z.object({
      service: z.enum(["postfix", "dovecot", "rspamd", "redis", "fail2ban", "clamav", "nginx"]),
    }),
    result: z.object({ tookMs: z.number() }),
  },
  "unban-address": {
    lane: "diagnostic",
    isCollapsing: false,
    deliverWithinMs: 60 * 60_000,
    runWithinMs: 60_000,
    args: z.object({ address: z.union([z.ipv4(), z.ipv6()]) }),
    result: z.object({ wasBanned: z.boolean() }),
  },
  "test-signature": {
    lane: "diagnostic",
    isCollapsing: false,
    deliverWithinMs: 60 * 60_000,
    runWithinMs: 60_000,
    args: z.object({ domain: domainNameSchema, selectors: z.array(dkimSelectorSchema).min(1).max(16) }),
    result: z.object({
      /** A message of its own for each selector that was asked for, signed by the key on the host, as it would be sent. */
      signatures: z.array(
        z.object({ selector: dkimSelectorSchema, message: z.string().max(testMessageLengthMax) }),
      ),
      /** Selectors with which Rspamd itself signs mail of the domain now; null when it did not answer. */
      signsWith: z.array(dkimSelectorSchema).nullable(),
    }),
  },
  "roll-zone-key": {
    lane: "change",
    isCollapsing: false,
    deliverWithinMs: 24 * 60 * 60_000,
    runWithinMs: 60_000,
    args: z.object({ zone: zoneNameSchema }),
    result: z.object({
      /** The key was being rolled already, so nothing was begun. */
      wasRolling: z.boolean(),
    }),
  },
  "hold-account": {
    lane: "change",
    isCollapsing: false,
    // An order that comes a day late would hold an account that was seen to long ago.
    deliverWithinMs: 24 * 60 * 60_000,
    runWithinMs: 5 * 60_000,
    args: z.object({ address: hostedAddressSchema }),
    result: z.object({ messagesHeld: z.int().nonnegative() }),
  },
  "release-account": {
    lane: "change",
    isCollapsing: false,
    deliverWithinMs: 7 * 86_400_000,
    runWithinMs: 5 * 60_000,
    args: z.object({ address: hostedAddressSchema }),
    result: z.object({ messagesReleased: z.int().nonnegative() }),
  },
  "test-smarthost": {
    lane: "diagnostic",
    isCollapsing: false,
    deliverWithinMs: 10 * 60_000,
    runWithinMs: 2 * 60_000,
    args: z.object({
      smarthost: z.object({
        host: domainNameSchema,
        port: z.int().min(1).max(65_535),
        username: z.string().max(255).optional(),
        /** Sealed for the agent that runs the test. */
        password: z.object({ box: z.string().max(sealedBoxLengthMax) }).optional(),
        verifiesCertificate: z.boolean(),
      }),
      /** In whose name a message is announced, and taken back before it has any text; left out, none is. */
      sender: hostedAddressSchema.optional(),
    }),
    result: smarthostTestSchema,
  },
  "refresh-facts": {
    lane: "diagnostic",
    isCollapsing: true,
    deliverWithinMs: 10 * 60_000,
    runWithinMs: 60_000,
    args: z.object({}),
    result: z.object({}),
  },
  "install-updates": {
    lane: "change",
    isCollapsing: false,
    // A server that comes back later is caught up with by its rollout, which may want other versions then.
    deliverWithinMs: 60 * 60_000,
    runWithinMs: 45 * 60_000,
    args: installUpdatesArgsSchema,
    result: updateResultSchema,
  },
  // The versions that were there before, from where they are kept.
  "roll-back-updates": {
    lane: "change",
    isCollapsing: false,
    deliverWithinMs: 7 * 86_400_000,
    runWithinMs: 45 * 60_000,
    args: installUpdatesArgsSchema,
    result: updateResultSchema,
  },
  // Nothing of it can be taken back, so it is not begun late.
  "reboot-host": {
    lane: "change",
    isCollapsing: false,
    deliverWithinMs: 30 * 60_000,
    runWithinMs: 20 * 60_000,
    args: z.object({}),
    result: z.object({
      kernelBefore: z.string().max(100),
      kernelAfter: z.string().max(100),
      tookMs: z.number(),
    }),
  },
  // The agent hands it to its updater, and the version that runs in the end tells how it went.
  "update-agent": {
    lane: "change",
    isCollapsing: false,
    deliverWithinMs: 60 * 60_000,
    runWithinMs: 75 * 60_000,
    args: updateAgentArgsSchema,
    result: updateAgentResultSchema,
  },
  "check-mail": {
    lane: "diagnostic",
    isCollapsing: false,
    deliverWithinMs: 10 * 60_000,
    runWithinMs: 3 * 60_000,
    args: z.object({}),
    result: mailHealthSchema,
  },
  "trace-message": {
    lane: "diagnostic",
    isCollapsing: false,
    isConfidential: true,
    deliverWithinMs: 60_000,
    runWithinMs: 60_000,
    args: traceCriteriaSchema.extend({ visibleDomains: visibleDomainsSchema }),
    result: traceResultSchema,
  },
  "read-queue": {
    lane: "diagnostic",
    isCollapsing: false,
    isConfidential: true,
    deliverWithinMs: 60_000,
    runWithinMs: 2 * 60_000,
    args: z.object({
      filter: queueFilterSchema,
      /** How many of the oldest that match are passed over. */
      skip: z.int().nonnegative().max(queueSkipMax),
      limit: z.int().positive().max(queuePageMax),
      visibleDomains: visibleDomainsSchema,
    }),
    result: queuePageSchema,
  },
  // It changes no file and no service, and mail of a hijacked mailbox must be held while a long converge goes on.
  "change-queue": {
    lane: "diagnostic",
    isCollapsing: false,
    isConfidential: true,
    deliverWithinMs: 2 * 60_000,
    runWithinMs: 5 * 60_000,
    args: z.object({
      action: z.enum(queueActions),
      target: queueTargetSchema,
      visibleDomains: visibleDomainsSchema,
    }),
    result: z.object({
      /** Messages that were meant and still there. */
      found: z.int(),
      /** Messages that Postfix says it has changed. */
      changed: z.int(),
      /** Messages that could be changed and were not come to in the time that there was. */
      notReached: z.int().nonnegative().default(0),
    }),
  },
} as const satisfies Record<string, JobDefinition>;

interface JobDefinition {
  lane: "change" | "diagnostic";
  isCollapsing: boolean;
  isConfidential?: true;
  /** How long a signed job may wait for its server before it expires. */
  deliverWithinMs: number;
  runWithinMs: number;
  args: z.ZodType;
  result: z.ZodType;
}

export type JobVerb = keyof typeof jobCatalog;
export type JobLane = (typeof jobCatalog)[JobVerb]["lane"];
export type JobArgs<V extends JobVerb> = z.infer<(typeof jobCatalog)[V]["args"]>;
export type JobResult<V extends JobVerb> = z.infer<(typeof jobCatalog)[V]["result"]>;
export const jobVerbs = Object.keys(jobCatalog) as readonly JobVerb[];
export const jobVerbSchema = z.enum(Object.keys(jobCatalog) as [JobVerb, ...JobVerb[]]);
/** Verbs whose jobs hold addresses of people. */
export const confidentialVerbs: readonly JobVerb[] = jobVerbs.filter(
  (verb) => "isConfidential" in jobCatalog[verb],
);
