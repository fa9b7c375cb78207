import { alertAttempts, alertChannels, alerts, tenants } from "@mailstead/db";
import { and, desc, eq, isNotNull, sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { findChannel } from "./manage-channels.ts";

const retryInput = z.object({ channelId: z.uuid() });

/**
 * Has the alerts of a channel that were given up sent again, in their order and under the ids that they had. Throws
 * `not-found`, and `precondition-failed` for a channel that is stopped.
 */
export function retryAlerts(
  ctx: ServiceContext,
  input: z.input<typeof retryInput>,
): Promise<{ count: number }> {
  requireRole(ctx, "technician");
  const { channelId } = parseInput(retryInput, input);
  return withTransaction(ctx, async (tx) => {
    const { name, organisationId, tenantId, stoppedAt } = await findChannel(tx, channelId);
    if (stoppedAt !== null)
      throw new ServiceError("precondition-failed", "This channel is stopped. Start it, then try again.");
    const retried = await tx
      .update(alerts)
      .set({ failedAt: null, dueAt: ctx.now() })
      .where(and(eq(alerts.channelId, channelId), isNotNull(alerts.failedAt)))
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

/** A channel through which nothing arrives any more. */
export interface FailedChannel {
  readonly channelId: string;
  readonly name: string;
  readonly tenantName: string | null;
  /** Alerts that were given up; of a month, since older ones are forgotten. */
  readonly lost: number;
  /** What the last try was answered with. */
  readonly problem: string | null;
  readonly since: Date;
}

/** The channels whose last alert was given up, so that people see on the dashboard what cannot be told to them otherwise. */
export function listFailedChannels(ctx: ServiceContext): Promise<readonly FailedChannel[]> {
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({
        channelId: alertChannels.id,
        name: alertChannels.name,
        tenantName: tenants.name,
        lost: sql<number>`count(*) filter (where ${alerts.failedAt} is not null)::integer`,
        since: sql<Date | null>`max(${alerts.failedAt})`.mapWith(alerts.failedAt),
        sentAt: sql<Date | null>`max(${alerts.sentAt})`.mapWith(alerts.sentAt),
      })
      .from(alertChannels)
      .innerJoin(alerts, eq(alerts.channelId, alertChannels.id))
      .leftJoin(tenants, eq(tenants.id, alertChannels.tenantId))
      .groupBy(alertChannels.id, alertChannels.name, tenants.name)
      .orderBy(alertChannels.name);
    const failed = rows.flatMap(({ since, sentAt, ...row }) =>
      since === null || (sentAt !== null && sentAt > since) ? [] : [{ ...row, since }],
    );
    const channels: FailedChannel[] = [];
    for (const channel of failed) {
      const [last] = await tx
        .select({ problem: alertAttempts.problem })
        .from(alertAttempts)
        .innerJoin(alerts, eq(alerts.id, alertAttempts.alertId))
        .where(and(eq(alerts.channelId, channel.channelId), isNotNull(alertAttempts.problem)))
        .orderBy(desc(alertAttempts.at))
        .limit(1);
      channels.push({ ...channel, problem: last?.problem ?? null });
    }
    return channels;
  });
}
