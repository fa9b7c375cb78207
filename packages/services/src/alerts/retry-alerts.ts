import { alerts } from "@mailstead/db";
import { and, eq, type SQL, sql } from "drizzle-orm";
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
  return answerLost(ctx, input, {
    action: "retry-alerts",
    needsRunning: true,
    change: { failedAt: null, dueAt: ctx.now() },
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
  return answerLost(ctx, input, {
    action: "dismiss-alerts",
    needsRunning: false,
    // After the moment at which it was given up, whatever the two machines' clocks say: `isLost` reads it so.
    change: {
      dueAt: sql`greatest(${ctx.now()}::timestamptz, ${alerts.failedAt} + interval '1 millisecond')`,
    },
  });
}

interface Answer {
  readonly action: "retry-alerts" | "dismiss-alerts";
  readonly needsRunning: boolean;
  readonly change: { readonly failedAt?: null; readonly dueAt: Date | SQL };
}

function answerLost(
  ctx: ServiceContext,
  input: z.input<typeof channelInput>,
  { action, needsRunning, change }: Answer,
): Promise<{ count: number }> {
  requireRole(ctx, "technician");
  const { channelId } = parseInput(channelInput, input);
  return withTransaction(ctx, async (tx) => {
    const { name, organisationId, tenantId, stoppedAt } = await findChannel(tx, channelId);
    if (needsRunning && stoppedAt !== null)
      throw new ServiceError("precondition-failed", "This channel is stopped. Start it, then try again.");
    const answered = await tx
      .update(alerts)
      .set(change)
      .where(and(eq(alerts.channelId, channelId), isLost))
      .returning({ id: alerts.id });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action,
      subject: { kind: "alert-channel", id: channelId, name },
      after: { count: answered.length },
    });
    return { count: answered.length };
  });
}
