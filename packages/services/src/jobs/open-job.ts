import { endedJobStates, type OpenJob } from "@mailstead/core/jobs";
import { jobs, servers, type Transaction } from "@mailstead/db";
import { and, eq, inArray, notInArray, sql } from "drizzle-orm";

/** The condition that a job has not ended. */
export const isOpen = notInArray(jobs.state, [...endedJobStates]);

const openJobColumns = {
  id: jobs.id,
  serverId: jobs.serverId,
  sequence: jobs.sequence,
  lane: jobs.lane,
  state: jobs.state,
  isSigned: sql<boolean>`${jobs.signedOrder} is not null`,
  cancelRequestedAt: jobs.cancelRequestedAt,
  deadlineAt: jobs.deadlineAt,
  heldBy: servers.gatewayId,
};

/** All jobs of these servers that have not ended, as core's rule of the lanes wants them, with who holds the agent. */
export async function readOpenJobs(
  tx: Transaction,
  { serverIds, now }: { serverIds: readonly string[]; now: Date },
): Promise<(OpenJob & { serverId: string; heldBy: string | null })[]> {
  const open = await tx
    .select(openJobColumns)
    .from(jobs)
    .innerJoin(servers, eq(servers.id, jobs.serverId))
    .where(and(inArray(jobs.serverId, [...serverIds]), isOpen))
    .orderBy(jobs.sequence);
  return open.map(({ cancelRequestedAt, deadlineAt, ...job }) => ({
    ...job,
    isHeldBack: cancelRequestedAt !== null || deadlineAt < now,
  }));
}

/**
 * Locks the servers' rows, as enqueueing does, so that whatever decides about the order of their jobs is alone. Always taken before
 * the rows of jobs. Gives those that are there; of several, those that nobody else holds: who asks for many jobs at once locks
 * servers in an order of his own, and none of several may be waited for with others in hand.
 */
export async function lockServers(tx: Transaction, serverIds: readonly string[]) {
  if (serverIds.length === 0) return new Map();
  const rows = await tx
    .select({
      id: servers.id,
      organisationId: servers.organisationId,
      tenantId: servers.tenantId,
      gatewayId: servers.gatewayId,
    })
    .from(servers)
    .where(inArray(servers.id, [...serverIds]))
    .orderBy(servers.id)
    .for("no key update", serverIds.length > 1 ? { skipLocked: true } : {});
  return new Map(rows.map((server) => [server.id, server]));
}
