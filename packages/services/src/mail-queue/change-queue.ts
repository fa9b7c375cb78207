import {
  describeFilter,
  type QueueActionName,
  type QueueTarget,
  queueTargetSchema,
} from "@mailstead/core/mail-queue";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { parseInput, requireRole, type ServiceContext } from "../context/index.ts";
import { orderOfQueue } from "./order-of-queue.ts";

const changeQueueInput = z.object({
  serverId: z.uuid(),
  action: z.enum(["hold", "release", "retry"]),
  target: queueTargetSchema,
});
const deleteQueuedInput = changeQueueInput.omit({ action: true });

/**
 * Holds, releases or retries mail that waits on a server: some messages by name, or all that match and no more than the
 * person was shown. The audit says how many and by which filter, and not whose. Throws `precondition-failed` when the server is
 * not connected.
 */
export async function changeQueue(
  ctx: ServiceContext,
  input: z.input<typeof changeQueueInput>,
): Promise<{ jobId: string }> {
  requireRole(ctx, "technician");
  return order(ctx, parseInput(changeQueueInput, input));
}

/** Deletes mail that waits on a server, for good and without telling anybody; else as `changeQueue`. */
export async function deleteQueued(
  ctx: ServiceContext,
  input: z.input<typeof deleteQueuedInput>,
): Promise<{ jobId: string }> {
  requireRole(ctx, "admin");
  return order(ctx, { ...parseInput(deleteQueuedInput, input), action: "delete" });
}

function order(
  ctx: ServiceContext,
  { serverId, action, target }: { serverId: string; action: QueueActionName; target: QueueTarget },
): Promise<{ jobId: string }> {
  return orderOfQueue(ctx, {
    serverId,
    verb: "change-queue",
    args: { action, target },
    note: (tx, { organisationId, tenantId, name }, jobId) =>
      recordAudit(tx, ctx, {
        organisationId,
        tenantId,
        action: `${action}-queued-mail`,
        subject: { kind: "server", id: serverId, name },
        after: { ...meant(target), jobId },
      }),
  });
}

function meant(target: QueueTarget) {
  return target.kind === "selected"
    ? { selected: target.messages.length }
    : { atMost: target.countMax, filter: describeFilter(target.filter) };
}
