import { type JobArgs, type JobVerb, jobCatalog } from "@mailstead/core/jobs";
import { insertMany, jobs, newId, outbox, servers, type Transaction } from "@mailstead/db";
import { inArray, sql } from "drizzle-orm";
import type { Actor } from "../context/index.ts";
import { requesterOf, type WantedJob } from "./enqueue-job.ts";

/** A verb whose jobs never take the place of one that waits. */
export type SeparateVerb = {
  [V in JobVerb]: (typeof jobCatalog)[V]["isCollapsing"] extends false ? V : never;
}[JobVerb];

/**
 * Puts a job of one verb in the waiting list of each of these servers, as `enqueueJob` does, in a few statements however many
 * they are. Gives the job of each server; a server that has gone or cannot be seen gets none.
 */
export async function enqueueJobs<V extends SeparateVerb>(
  tx: Transaction,
  ctx: { actor: Actor; now(): Date },
  { verb, wanted }: { verb: V; wanted: readonly Pick<WantedJob<V>, "serverId" | "args">[] },
): Promise<ReadonlyMap<string, string>> {
  if (wanted.length === 0) return new Map();
  const definition = jobCatalog[verb];
  const now = ctx.now();
  const deadlineAt = new Date(now.getTime() + definition.deliverWithinMs);
  const found = await takeSequences(tx, wanted);
  const jobIds = new Map<string, string>();
  const rows = wanted.flatMap(({ serverId, args }) => {
    const server = found.get(serverId);
    if (server === undefined) return [];
    const id = newId(now);
    jobIds.set(serverId, id);
    const { organisationId, tenantId, sequence } = server;
    return {
      id,
      organisationId,
      tenantId,
      serverId,
      sequence,
      lane: definition.lane,
      verb,
      args: definition.args.parse(args) as JobArgs<V>,
      isInstall: false,
      state: "queued" as const,
      progressNumber: 0,
      ...requesterOf(ctx.actor),
      createdAt: now,
      deadlineAt,
    };
  });
  await insertMany(tx, jobs, rows);
  await tx.insert(outbox).values(
    rows.map(({ id, organisationId, tenantId }) => ({
      organisationId,
      tenantId,
      kind: "job",
      subjectId: id,
      createdAt: now,
    })),
  );
  return jobIds;
}

/** Locks the servers' rows in one order, so that two who do the same do not wait for each other. */
async function takeSequences(tx: Transaction, wanted: readonly { serverId: string }[]) {
  const ids = [...new Set(wanted.map(({ serverId }) => serverId))].sort();
  await tx
    .select({ id: servers.id })
    .from(servers)
    .where(inArray(servers.id, ids))
    .orderBy(servers.id)
    .for("no key update");
  const rows = await tx
    .update(servers)
    .set({ nextJobSequence: sql`${servers.nextJobSequence} + 1` })
    .where(inArray(servers.id, ids))
    .returning({
      id: servers.id,
      organisationId: servers.organisationId,
      tenantId: servers.tenantId,
      next: servers.nextJobSequence,
    });
  return new Map(rows.map(({ next, ...server }) => [server.id, { ...server, sequence: next - 1 }]));
}
