import { z } from "zod";
import { type JobArgs, jobCatalog } from "./catalog.ts";
import type { JobOrder } from "./signed-job.ts";

/** The furthest that a server's orders have come: what an agent has accepted, and never goes back behind. */
export const highWaterMarkSchema = z.object({
  /** Whose orders these are; a host that is enrolled anew starts from nothing. */
  serverId: z.string(),
  /** Of the orders that change the host. Diagnostics run beside each other and may overtake. */
  sequence: z.number(),
  targetRevision: z.number(),
  directory: z.object({ epoch: z.number(), revision: z.number() }),
});
export type HighWaterMark = z.infer<typeof highWaterMarkSchema>;

/** The mark of a host that has accepted nothing yet. */
export const noHighWaterMark: HighWaterMark = {
  serverId: "",
  sequence: 0,
  targetRevision: 0,
  directory: { epoch: 0, revision: 0 },
};

/** The mark once this order is accepted as well. */
export function raiseHighWaterMark(
  mark: HighWaterMark,
  order: Pick<JobOrder, "serverId" | "verb" | "sequence" | "args">,
): HighWaterMark {
  const held = mark.serverId === order.serverId ? mark : { ...noHighWaterMark, serverId: order.serverId };
  if (jobCatalog[order.verb].lane !== "change") return held;
  const next = { ...held, sequence: Math.max(held.sequence, order.sequence) };
  if (order.verb === "converge" || order.verb === "apply-configuration") {
    const { targetRevision } = order.args as JobArgs<"converge" | "apply-configuration">;
    return { ...next, targetRevision: Math.max(held.targetRevision, targetRevision) };
  }
  if (order.verb !== "sync-directory") return next;
  const { epoch, revision } = order.args as JobArgs<"sync-directory">;
  return isBehind({ epoch, revision }, held.directory) ? next : { ...next, directory: { epoch, revision } };
}

/**
 * Says why an order is behind the mark, or null when it is not. The signature of an order that was withheld stays good,
 * so without this whoever carries orders could take a host back to what it was. Rolling back makes a new revision.
 */
export function supersededProblem(
  mark: HighWaterMark,
  order: Pick<JobOrder, "serverId" | "verb" | "sequence" | "args">,
): string | null {
  if (mark.serverId !== order.serverId || jobCatalog[order.verb].lane !== "change") return null;
  if (order.sequence < mark.sequence)
    return `the job has number ${order.sequence} and this host has already accepted number ${mark.sequence}, so it comes too late; run it again if it is still wanted`;
  if (order.verb === "converge" || order.verb === "apply-configuration") {
    const { targetRevision } = order.args as JobArgs<"converge" | "apply-configuration">;
    if (targetRevision < mark.targetRevision)
      return `the job would take this host back from revision ${mark.targetRevision} to ${targetRevision} of its target state; going back is done by a new revision`;
  }
  if (order.verb === "sync-directory") {
    const wanted = order.args as JobArgs<"sync-directory">;
    const { epoch, revision } = mark.directory;
    if (isBehind(wanted, mark.directory))
      return `the job would take the mailboxes of this host back from ${epoch}.${revision} to ${wanted.epoch}.${wanted.revision}; a directory goes back by new changes`;
  }
  return null;
}

/** Whether a directory's position comes before another: by its epoch, and within one by its revision. */
export function isBehind(
  position: { epoch: number; revision: number },
  other: { epoch: number; revision: number },
): boolean {
  return (
    position.epoch < other.epoch || (position.epoch === other.epoch && position.revision < other.revision)
  );
}
