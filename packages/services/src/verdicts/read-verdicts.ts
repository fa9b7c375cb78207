import { type ProviderId, providers } from "@mailstead/core/delivery";
import { type PeriodVerdicts, type VerdictAction, verdictActions } from "@mailstead/core/verdicts";
import { type Transaction, verdictDays, verdictHours } from "@mailstead/db";
import { and, eq, gte, inArray, lt } from "drizzle-orm";
import type { OwnDomain } from "../delivery/index.ts";
import { verdictPeriods } from "./periods.ts";

/** Whose verdicts, and of which time. */
export interface VerdictScope {
  readonly domain?: OwnDomain;
  readonly serverId?: string;
  readonly from: Date;
  readonly until: Date;
  /** Days are fewer rows; hours tell the ends of a short time better, as long as they are kept. */
  readonly by: keyof typeof verdictPeriods;
  /** Only these of the periods, by their beginnings; all where none are named. */
  readonly periods?: readonly Date[];
}

/** The verdicts of a time. Rows are seen as the transaction's context lets. */
export async function readVerdicts(
  tx: Transaction,
  { domain, serverId, from, until, by, periods }: VerdictScope,
): Promise<readonly PeriodVerdicts[]> {
  const { lengthMs } = verdictPeriods[by];
  const table = by === "hours" ? verdictHours : verdictDays;
  // A period that begins before `from` is read whole: half of its counts cannot be told apart.
  const first = new Date(Math.floor(from.getTime() / lengthMs) * lengthMs);
  const rows = await tx
    .select({
      startsAt: table.startsAt,
      direction: table.direction,
      domain: table.domain,
      provider: table.provider,
      action: table.action,
      messages: table.messages,
      facts: table.facts,
      scores: table.scores,
      symbols: table.symbols,
    })
    .from(table)
    .where(
      and(
        gte(table.startsAt, first),
        lt(table.startsAt, until),
        domain === undefined
          ? undefined
          : and(eq(table.domain, domain.name), eq(table.tenantId, domain.tenantId)),
        serverId === undefined ? undefined : eq(table.serverId, serverId),
        periods === undefined ? undefined : inArray(table.startsAt, [...periods]),
      ),
    );
  return rows.map((row) => ({
    ...row,
    startsAt: row.startsAt.getTime(),
    provider: row.provider in providers ? (row.provider as ProviderId) : null,
    action: actionOf(row.action),
  }));
}

/** An action as it was stored. */
export function actionOf(stored: string): VerdictAction {
  return verdictActions.find((action) => action === stored) ?? "accepted";
}
