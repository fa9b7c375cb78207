import { collapseArgs, type JobArgs, type JobVerb, jobCatalog } from "@mailstead/core/jobs";
import { jobs, newId, outbox, servers, type Transaction } from "@mailstead/db";
import { and, eq, isNull, sql } from "drizzle-orm";
import { type Actor, ServiceError } from "../context/index.ts";
import { isInstallNow } from "./install.ts";

export interface WantedJob<V extends JobVerb> {
  serverId: string;
  verb: V;
  args: JobArgs<V>;
}

/**
 * Puts a job in the server's waiting list, with its outbox row, in the caller's transaction. A job of a collapsing
 * verb takes the place of the one that waits, and its id. Throws `not-found` when the context does not see the server.
 */
export async function enqueueJob<V extends JobVerb>(
  tx: Transaction,
  ctx: { actor: Actor; now(): Date },
  wanted: WantedJob<V>,
): Promise<{ jobId: string }> {
  const definition = jobCatalog[wanted.verb];
  const args = definition.args.parse(wanted.args);
  const now = ctx.now();
  const deadlineAt = new Date(now.getTime() + definition.deliverWithinMs);
  const server = await takeSequence(tx, wanted.serverId);
  const { organisationId, tenantId } = server;
  const isInstall = wanted.verb === "converge" && (await isInstallNow(tx, server));

  const newer = { ...wanted, args, isInstall, deadlineAt };
  const waitingId = definition.isCollapsing ? await collapse(tx, newer) : null;
  const jobId = waitingId ?? newId(now);
  if (waitingId === null)
    await tx.insert(jobs).values({
      id: jobId,
      organisationId,
      tenantId,
      serverId: wanted.serverId,
      sequence: server.sequence,
      lane: definition.lane,
      verb: wanted.verb,
      args,
      isInstall,
      ...requesterOf(ctx.actor),
      createdAt: now,
      deadlineAt,
    });
  await tx.insert(outbox).values({ organisationId, tenantId, kind: "job", subjectId: jobId, createdAt: now });
  return { jobId };
}

/** Who asked, for the person who reads it, to whom it says nothing which of our processes did. */
export function requesterOf(actor: Actor): { requestedBy: string; requestedById: string | null } {
  return {
    requestedBy: actor.kind === "system" ? "Mailstead" : actor.name,
    requestedById: actor.kind === "user" ? actor.userId : null,
  };
}

/** Taking the sequence locks the server's row, so enqueues and deliveries of one server happen one after the other. */
async function takeSequence(tx: Transaction, serverId: string) {
  const [server] = await tx
    .update(servers)
    .set({ nextJobSequence: sql`${servers.nextJobSequence} + 1` })
    .where(eq(servers.id, serverId))
    .returning({
      id: servers.id,
      appliedRevision: servers.appliedRevision,
      installRequestedAt: servers.installRequestedAt,
      organisationId: servers.organisationId,
      tenantId: servers.tenantId,
      next: servers.nextJobSequence,
    });
  if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
  return { ...server, sequence: server.next - 1 };
}

/**
 * Gives the waiting job the newer arguments, which unsigns it; null when none waits that never left. Its row is locked
 * as it is found: whoever cancels it, refuses it or lets it expire meanwhile locks no more than that row.
 */
async function collapse(
  tx: Transaction,
  wanted: { serverId: string; verb: JobVerb; args: unknown; isInstall: boolean; deadlineAt: Date },
): Promise<string | null> {
  const { isInstall, deadlineAt } = wanted;
  const isWaiting = and(
    eq(jobs.serverId, wanted.serverId),
    eq(jobs.verb, wanted.verb),
    eq(jobs.state, "queued"),
    isNull(jobs.dispatchedAt),
    isNull(jobs.cancelRequestedAt),
  );
  const [waiting] = await tx
    .select({ id: jobs.id, args: jobs.args })
    .from(jobs)
    .where(isWaiting)
    .limit(1)
    .for("update");
  if (waiting === undefined) return null;
  await tx
    .update(jobs)
    .set({ args: collapseArgs(wanted.verb, waiting.args, wanted.args), isInstall, deadlineAt })
    .where(eq(jobs.id, waiting.id));
  return waiting.id;
}
