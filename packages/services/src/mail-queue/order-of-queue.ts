import type { JobArgs } from "@mailstead/core/jobs";
import { servers, type Transaction } from "@mailstead/db";
import { and, eq, isNotNull } from "drizzle-orm";
import { type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { enqueueJob } from "../jobs/index.ts";
import { getServerForChange, type ServerForChange } from "../servers/index.ts";
import { readVisibleDomains } from "../trace/index.ts";

type Verb = "read-queue" | "change-queue";

/**
 * Puts an order about its queue to a server that is connected, limited to the mail that the person may see. Throws
 * `precondition-failed` for one that is offline: what was meant for now is not done later.
 */
export function orderOfQueue<V extends Verb>(
  ctx: ServiceContext,
  {
    serverId,
    verb,
    args,
    note,
  }: {
    serverId: string;
    verb: V;
    args: Omit<JobArgs<V>, "visibleDomains">;
    note?: (tx: Transaction, server: ServerForChange, jobId: string) => Promise<void>;
  },
): Promise<{ jobId: string }> {
  return withTransaction(ctx, async (tx) => {
    const server = await getServerForChange(tx, serverId);
    if (!(await isConnected(tx, serverId)))
      throw new ServiceError(
        "precondition-failed",
        `${server.name} is not connected now, so its queue can neither be read nor changed. Try again when it is back.`,
      );
    const visibleDomains = await readVisibleDomains(tx, ctx, serverId);
    const order = { ...args, visibleDomains } as JobArgs<V>;
    const { jobId } = await enqueueJob(tx, ctx, { serverId, verb, args: order });
    await note?.(tx, server, jobId);
    return { jobId };
  });
}

async function isConnected(tx: Transaction, serverId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: servers.id })
    .from(servers)
    .where(
      and(eq(servers.id, serverId), isNotNull(servers.gatewayId), eq(servers.enrolmentState, "enrolled")),
    );
  return rows.length > 0;
}
