import { alertAttempts, alertChannels, alerts, type Transaction, tenants } from "@mailstead/db";
import { and, desc, eq, isNotNull, type SQL, sql } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";

/**
 * An alert that was given up, of which nobody has said yet that they know. Who dismisses it has it due after it was given
 * up, and nothing else does. A test is no alert: whoever pressed for it is looking.
 */
export const isLost: SQL = sql`(${alerts.failedAt} is not null and ${alerts.dueAt} <= ${alerts.failedAt} and ${alerts.body} ->> 'type' <> 'test')`;

/** A channel with alerts that reached nobody. */
export interface FailedChannel {
  readonly channelId: string;
  readonly name: string;
  readonly tenantName: string | null;
  readonly lost: number;
  /** What the last try of one of them was answered with. */
  readonly problem: string | null;
  readonly since: Date;
  /** Whether somebody, or the endpoint's own word, has stopped it. */
  readonly isStopped: boolean;
}

/**
 * The channels with lost alerts, so that people see on the dashboard what could not be told to them elsewhere. Each stays
 * until somebody tries again or dismisses it, whatever else goes through meanwhile.
 */
export function listFailedChannels(ctx: ServiceContext): Promise<readonly FailedChannel[]> {
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({
        channelId: alertChannels.id,
        name: alertChannels.name,
        tenantName: tenants.name,
        lost: sql<number>`count(*)::integer`,
        since: sql<Date>`max(${alerts.failedAt})`.mapWith(alerts.failedAt),
        isStopped: sql<boolean>`${alertChannels.stoppedAt} is not null`,
      })
      .from(alertChannels)
      .innerJoin(alerts, eq(alerts.channelId, alertChannels.id))
      .leftJoin(tenants, eq(tenants.id, alertChannels.tenantId))
      .where(isLost)
      .groupBy(alertChannels.id, alertChannels.name, alertChannels.stoppedAt, tenants.name)
      .orderBy(alertChannels.name);
    const channels: FailedChannel[] = [];
    for (const channel of rows)
      channels.push({ ...channel, problem: await lastProblem(tx, channel.channelId) });
    return channels;
  });
}

async function lastProblem(tx: Transaction, channelId: string): Promise<string | null> {
  const [last] = await tx
    .select({ problem: alertAttempts.problem })
    .from(alertAttempts)
    .innerJoin(alerts, eq(alerts.id, alertAttempts.alertId))
    .where(and(eq(alerts.channelId, channelId), isLost, isNotNull(alertAttempts.problem)))
    .orderBy(desc(alertAttempts.at), desc(alertAttempts.number))
    .limit(1);
  return last?.problem ?? null;
}
