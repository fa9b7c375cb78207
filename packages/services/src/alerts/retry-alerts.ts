import { alerts } from "@mailstead/db";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { isLost } from "./lost-alerts.ts";
import { findChannel } from "./manage-channels.ts";

const channelInput = z.object({ channelId: z.uuid() });

/**
 * Has the lost alerts of a channel sent again, in their order and under the ids that they had. Throws
 * `not-found`, and `precondition-failed` for a channel that is stopped.
 */
export function retryAlerts(
  ctx: ServiceContext,
  input: z.input<typeof channelInput>,
): Promise<{ count: number }> {
  requireRole(ctx, "technician");
  const { channelId } = parseInput(channelInput, input);
  return withTransaction(ctx, async (tx) => {
    const { name, organisationId, tenantId, stoppedAt } = await findChannel(tx, channelId);
    if (stoppedAt !== null)
      throw new ServiceError("precondition-failed", "This channel is stopped. Start it, then try again.");
    const retried = await tx
      .update(alerts)
      .set({ failedAt: null, dueAt: ctx.now() })
      .where(and(eq(alerts.channelId, channelId), isLost))
      .returning({ id: alerts.id });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "retry-alerts",
      subject: { kind: "alert-channel", id: channelId, name },
      after: { count: retried.length },
    });
    return { count: retried.length };
  });
}

/**
 * Notes that somebody knows of a channel's lost alerts, so that they are told on the dashboard no more. The log keeps them,
 * and a paused channel can be answered as well. Throws `not-found`.
 */
export function dismissAlerts(
  ctx: ServiceContext,
  input: z.input<typeof channelInput>,
): Promise<{ count: number }> {
  requireRole(ctx, "technician");
  const { channelId } = parseInput(channelInput, input);
  return withTransaction(ctx, async (tx) => {
    const { name, organisationId, tenantId } = await findChannel(tx, channelId);
    const dismissed = await tx
      .update(alerts)
      // After the moment at which it was given up, whatever the two machines' clocks say: `isLost` reads it so.
      .set({
        dueAt: sql`greatest(${ctx.now()}::timestamptz, ${alerts.failedAt} + interval '1 millisecond')`,
      })
      .where(and(eq(alerts.channelId, channelId), isLost))
      .returning({ id: alerts.id });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "dismiss-alerts",
      subject: { kind: "alert-channel", id: channelId, name },
      after: { count: dismissed.length },
    });
    return { count: dismissed.length };
  });
}
