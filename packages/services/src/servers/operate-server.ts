import { type JobArgs, type JobVerb, jobCatalog } from "@mailstead/core/jobs";
import { servers, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { enqueueJob } from "../jobs/index.ts";
import { replaceLostCertificates } from "./replace-lost-certificates.ts";
import { replaceLostKeys } from "./replace-lost-keys.ts";
import { getServerForChange, type ServerForChange } from "./server-for-change.ts";
import {
  changeTargetState,
  enqueueConverge,
  enqueueSyncDirectory,
  readTargetState,
} from "./target-state-store.ts";

const serverInput = z.object({ serverId: z.uuid() });

/**
 * Installs the mail stack: a converge to the current target state, then the mail directory. Throws
 * `precondition-failed` before the agent has called.
 */
export async function installServer(
  ctx: ServiceContext,
  input: z.input<typeof serverInput>,
): Promise<{ jobId: string }> {
  requireRole(ctx, "technician");
  const { serverId } = parseInput(serverInput, input);
  return withTransaction(ctx, async (tx) => {
    const server = await getServerForChange(tx, serverId);
    if (server.enrolmentState !== "enrolled")
      throw new ServiceError(
        "precondition-failed",
        `The agent of ${server.name} has not called yet; run its install command on the host first.`,
      );
    await tx.update(servers).set({ installRequestedAt: ctx.now() }).where(eq(servers.id, serverId));
    await replaceLostKeys(tx, ctx, server);
    await replaceLostCertificates(tx, ctx, server);
    await resealRelays(tx, ctx, server);
    const jobId = await enqueueConverge(tx, ctx, { server });
    await enqueueSyncDirectory(tx, ctx, server);
    await recordAudit(tx, ctx, {
      organisationId: server.organisationId,
      tenantId: server.tenantId,
      action: "install-server",
      subject: { kind: "server", id: serverId, name: server.name },
      after: { targetRevision: server.targetRevision, jobId },
    });
    return { jobId };
  });
}

const convergeServerInput = z.object({ serverId: z.uuid(), revertsDrift: z.boolean().default(false) });

/** Brings the host to its target state again. Throws `precondition-failed` before it was installed. */
export async function convergeServer(
  ctx: ServiceContext,
  input: z.input<typeof convergeServerInput>,
): Promise<{ jobId: string }> {
  requireRole(ctx, "technician");
  const { serverId, revertsDrift } = parseInput(convergeServerInput, input);
  return withTransaction(ctx, async (tx) =>
    orderConverge(tx, ctx, { server: await getServerForChange(tx, serverId), revertsDrift }),
  );
}

/** The same of a locked server, in the caller's transaction. */
export async function orderConverge(
  tx: Transaction,
  ctx: ServiceContext,
  { server, revertsDrift }: { server: ServerForChange; revertsDrift: boolean },
): Promise<{ jobId: string }> {
  if (server.installRequestedAt === null)
    throw new ServiceError("precondition-failed", `${server.name} is not installed yet; install it first.`);
  await resealRelays(tx, ctx, server);
  const jobId = await enqueueConverge(tx, ctx, { server, revertsDrift });
  await recordAudit(tx, ctx, {
    organisationId: server.organisationId,
    tenantId: server.tenantId,
    action: revertsDrift ? "revert-drift" : "converge-server",
    subject: { kind: "server", id: server.id, name: server.name },
    after: { targetRevision: server.targetRevision, jobId },
  });
  return { jobId };
}

const restartServiceInput = z.object({
  serverId: z.uuid(),
  service: jobCatalog["restart-service"].args.shape.service,
});

/** Restarts one service of the stack. */
export function restartService(
  ctx: ServiceContext,
  input: z.input<typeof restartServiceInput>,
): Promise<{ jobId: string }> {
  const { serverId, service } = parseInput(restartServiceInput, input);
  return order(ctx, serverId, { verb: "restart-service", argsOf: () => ({ service }) });
}

const unbanAddressInput = z.object({
  serverId: z.uuid(),
  address: z.union([z.ipv4(), z.ipv6()], { error: "this is not an IP address" }),
});

/** Lifts the ban of one address. */
export function unbanAddress(
  ctx: ServiceContext,
  input: z.input<typeof unbanAddressInput>,
): Promise<{ jobId: string }> {
  const { serverId, address } = parseInput(unbanAddressInput, input);
  return order(ctx, serverId, { verb: "unban-address", argsOf: () => ({ address }) });
}

/** Asks the agent to look at its host now. */
export function refreshFacts(
  ctx: ServiceContext,
  input: z.input<typeof serverInput>,
): Promise<{ jobId: string }> {
  const { serverId } = parseInput(serverInput, input);
  return order(ctx, serverId, { verb: "refresh-facts", argsOf: () => ({}) });
}

/**
 * Has the host try its own mail now, as the world would; the job's result holds each check. Nothing is changed. Throws
 * `precondition-failed` before it was installed.
 */
export function checkMail(
  ctx: ServiceContext,
  input: z.input<typeof serverInput>,
): Promise<{ jobId: string }> {
  const { serverId } = parseInput(serverInput, input);
  return order(ctx, serverId, {
    verb: "check-mail",
    argsOf: (_tx, server) => {
      if (server.installRequestedAt === null)
        throw new ServiceError(
          "precondition-failed",
          `${server.name} is not installed yet; install it first.`,
        );
      return {};
    },
  });
}

/**
 * Asks the agent what a converge would change on its host now: the job's result holds each step with the diff of its
 * files. Nothing is changed. Throws `precondition-failed` before the agent has called.
 */
export function previewConverge(
  ctx: ServiceContext,
  input: z.input<typeof serverInput>,
): Promise<{ jobId: string }> {
  const { serverId } = parseInput(serverInput, input);
  return order(ctx, serverId, {
    verb: "preview",
    argsOf: async (tx, server) => {
      const { state, digest } = await readTargetState(tx, server);
      return { targetRevision: state.revision, targetDigest: digest };
    },
  });
}

/** A new agent cannot open what was sealed for the one before it. */
async function resealRelays(tx: Transaction, ctx: ServiceContext, server: ServerForChange): Promise<void> {
  await changeTargetState(tx, ctx, {
    server,
    summary: "Relay passwords sealed for the new agent",
    change: (state) => state,
  });
}

async function order<V extends JobVerb>(
  ctx: ServiceContext,
  serverId: string,
  {
    verb,
    argsOf,
  }: { verb: V; argsOf: (tx: Transaction, server: ServerForChange) => JobArgs<V> | Promise<JobArgs<V>> },
): Promise<{ jobId: string }> {
  requireRole(ctx, "technician");
  return withTransaction(ctx, async (tx) => {
    const server = await getServerForChange(tx, serverId);
    if (server.enrolmentState === "awaiting-agent")
      throw new ServiceError("precondition-failed", `The agent of ${server.name} has not called yet.`);
    return orderJob(tx, ctx, { server, verb, args: await argsOf(tx, server) });
  });
}

/** Asks a locked server for a job, with its entry in the audit, in the caller's transaction. */
export async function orderJob<V extends JobVerb>(
  tx: Transaction,
  ctx: ServiceContext,
  { server, verb, args }: { server: ServerForChange; verb: V; args: JobArgs<V> },
): Promise<{ jobId: string }> {
  const { jobId } = await enqueueJob(tx, ctx, { serverId: server.id, verb, args });
  await recordAudit(tx, ctx, {
    organisationId: server.organisationId,
    tenantId: server.tenantId,
    action: verb,
    subject: { kind: "server", id: server.id, name: server.name },
    after: args,
  });
  return { jobId };
}
