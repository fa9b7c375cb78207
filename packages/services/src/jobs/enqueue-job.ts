import { type JobArgs, type JobVerb, jobCatalog } from "@mailstead/core/jobs";
import { jobs, newId, outbox, servers, type Transaction } from "@mailstead/db";
import { and, eq, isNull, sql } from "drizzle-orm";
import { type Actor, ServiceError } from "../context/index.ts";

export interface WantedJob<V extends JobVerb> {
  serverId: string;
  verb: V;
  args: JobArgs<V>;
}

/**
 * Puts a job in the server's waiting list, with its outbox row, in the caller's transaction. A job of a collapsing
 * verb takes the place of the one that waits. Throws `not-found` when the context does not see the server.
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
  // Taking the sequence locks the server's row, so enqueues of one server happen one after the other.
  const [server] = await tx
    .update(servers)
    .set({ nextJobSequence: sql`${servers.nextJobSequence} + 1` })
    .where(eq(servers.id, wanted.serverId))
    .returning({
      organisationId: servers.organisationId,
      tenantId: servers.tenantId,
      next: servers.nextJobSequence,
    });
  if (server === undefined) throw new ServiceError("not-found", "There is no such server.");

  let merged: unknown = args;
  if (definition.isCollapsing) {
    const waiting = await findWaiting(tx, wanted);
    if (waiting !== undefined) {
      merged = collapse(wanted.verb, waiting.args, args);
      const changed = await tx
        .update(jobs)
        .set({ args: merged, deadlineAt })
        .where(and(eq(jobs.id, waiting.id), eq(jobs.state, "queued"), isNull(jobs.signedOrder)))
        .returning({ id: jobs.id });
      if (changed[0] !== undefined) return { jobId: changed[0].id };
      // Already signed: its order cannot be changed, so a new job takes its place.
      await tx
        .update(jobs)
        .set({ state: "cancelled", endedAt: now, outcome: { kind: "cancelled" } })
        .where(and(eq(jobs.id, waiting.id), eq(jobs.state, "queued")));
    }
  }

  const jobId = newId(now);
  const { organisationId, tenantId } = server;
  await tx.insert(jobs).values({
    id: jobId,
    organisationId,
    tenantId,
    serverId: wanted.serverId,
    sequence: server.next - 1,
    lane: definition.lane,
    verb: wanted.verb,
    args: merged,
    requestedBy: ctx.actor.name,
    requestedById: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    createdAt: now,
    deadlineAt,
  });
  await tx.insert(outbox).values({ organisationId, tenantId, kind: "job", subjectId: jobId, createdAt: now });
  return { jobId };
}

async function findWaiting(tx: Transaction, { serverId, verb }: WantedJob<JobVerb>) {
  const [waiting] = await tx
    .select({ id: jobs.id, args: jobs.args })
    .from(jobs)
    .where(and(eq(jobs.serverId, serverId), eq(jobs.verb, verb), eq(jobs.state, "queued")))
    .limit(1);
  return waiting;
}

/** The newer facts win, but a promise of the waiting job is kept: what was to be reverted still is. */
function collapse(verb: JobVerb, waiting: unknown, args: unknown): unknown {
  if (verb !== "converge") return args;
  const older = jobCatalog.converge.args.parse(waiting);
  const newer = jobCatalog.converge.args.parse(args);
  return { ...newer, revertsDrift: older.revertsDrift || newer.revertsDrift };
}
