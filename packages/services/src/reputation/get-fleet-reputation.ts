import { type ProviderId, providers, readProvider } from "@mailstead/core/delivery";
import { addDays, type DayFigures, type Reputation, reputationOrder } from "@mailstead/core/reputation";
import { reputationDays, type Transaction, telemetryStreams } from "@mailstead/db";
import { and, eq, gte, isNotNull, max, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { dayMs, dayText, startOfDay } from "./days.ts";
import { isHeld, readFleetDays } from "./fleet-days.ts";

const spans = { week: 7, month: 30, quarter: 90 } as const;
const fleetInput = z.object({
  span: z.enum(["week", "month", "quarter"]).default("month"),
  tenantId: z.uuid().optional(),
});

/** What became of one day's mail at one receiver; `day` as 2026-11-30. */
export interface DaysAtReceiver extends DayFigures {
  readonly provider: ProviderId | null;
  readonly day: string;
  /** How many senders sent, and how many of them were blocked or clearly slowed. */
  readonly senders: number;
  readonly heldSenders: number;
}

/** How one receiver takes the mail of a fleet. */
export interface FleetReceiver {
  readonly provider: ProviderId | null;
  readonly title: string | null;
  readonly figures: DayFigures;
  /** How many addresses that send stand how with it now. */
  readonly standings: Readonly<Record<Reputation, number>>;
}

export interface FleetReputation {
  /** Every day of the time, the oldest first. */
  readonly days: readonly string[];
  /** The one with the worst standing first, then with most mail. */
  readonly receivers: readonly FleetReceiver[];
  readonly cells: readonly DaysAtReceiver[];
  /** When a host last told anything of its mail; null when none ever has. */
  readonly toldAt: Date | null;
}

/** How the receivers take the mail of all servers, or of one customer's. */
export function getFleetReputation(
  ctx: ServiceContext,
  input: z.input<typeof fleetInput> = {},
): Promise<FleetReputation> {
  const { span, tenantId } = parseInput(fleetInput, input);
  return withTransaction(ctx, async (tx) => {
    const days = daysBefore(ctx.now(), spans[span]);
    const ofTenant = tenantId === undefined ? undefined : eq(reputationDays.tenantId, tenantId);
    const cells = await readFleetDays(tx, { from: days[0] ?? "", tenantId: tenantId ?? ctx.tenantId });
    const standings = await countStandings(tx, ofTenant);
    const [told] = await tx
      .select({ at: max(telemetryStreams.storedAt) })
      .from(telemetryStreams)
      .where(
        and(
          eq(telemetryStreams.stream, "delivery"),
          tenantId === undefined ? undefined : eq(telemetryStreams.tenantId, tenantId),
        ),
      );
    return { days, receivers: receiversOf(cells, standings), cells, toldAt: told?.at ?? null };
  });
}

/** As many days as wanted, today the last. */
export function daysBefore(now: Date, count: number): readonly string[] {
  const today = startOfDay(now.getTime());
  return Array.from({ length: count }, (_, index) => dayText(today - (count - 1 - index) * dayMs));
}

/** The day sums of all senders that are meant, by receiver. */
export async function readCells(
  tx: Transaction,
  { from, where }: { from: string; where: SQL | undefined },
): Promise<readonly DaysAtReceiver[]> {
  const sum = (column: (typeof reputationDays)[keyof DayFigures]) => sql<number>`sum(${column})::float8`;
  const rows = await tx
    .select({
      provider: reputationDays.provider,
      day: reputationDays.day,
      messages: sum(reputationDays.messages),
      delivered: sum(reputationDays.delivered),
      deferred: sum(reputationDays.deferred),
      refused: sum(reputationDays.refused),
      slowed: sum(reputationDays.slowed),
      blocked: sum(reputationDays.blocked),
      senders: sql<number>`count(*) filter (where ${reputationDays.messages} > 0)::integer`,
      heldSenders: sql<number>`count(*) filter (where ${isHeld})::integer`,
    })
    .from(reputationDays)
    .where(and(gte(reputationDays.day, from), where))
    .groupBy(reputationDays.provider, reputationDays.day)
    .orderBy(reputationDays.day);
  return rows.map(({ provider, ...row }) => ({ ...row, provider: readProvider(provider) }));
}

/** The newest day that was judged; what has no judgement of that day sent nothing for a week. */
export const lastJudgedDay = sql`(select max(day) from ${reputationDays})`;

type Standings = Record<Reputation, number>;

async function countStandings(
  tx: Transaction,
  where: SQL | undefined,
): Promise<ReadonlyMap<ProviderId | null, Standings>> {
  const rows = await tx
    .select({
      provider: reputationDays.provider,
      reputation: reputationDays.reputation,
      count: sql<number>`count(*)::integer`,
    })
    .from(reputationDays)
    .where(and(isNotNull(reputationDays.serverId), eq(reputationDays.day, lastJudgedDay), where))
    .groupBy(reputationDays.provider, reputationDays.reputation);
  const standings = new Map<ProviderId | null, Standings>();
  for (const { provider: stored, reputation, count } of rows) {
    const provider = readProvider(stored);
    const before = standings.get(provider) ?? none();
    standings.set(provider, { ...before, [reputation]: before[reputation] + count });
  }
  return standings;
}

const none = (): Standings => ({ BAD: 0, LOW: 0, MEDIUM: 0, HIGH: 0, UNKNOWN: 0 });

function receiversOf(
  cells: readonly DaysAtReceiver[],
  standings: ReadonlyMap<ProviderId | null, Standings>,
): readonly FleetReceiver[] {
  return [...Map.groupBy(cells, ({ provider }) => provider)]
    .map(([provider, own]) => ({
      provider,
      title: provider === null ? null : providers[provider].title,
      figures: own.reduce<DayFigures>(addDays, {
        messages: 0,
        delivered: 0,
        deferred: 0,
        refused: 0,
        slowed: 0,
        blocked: 0,
      }),
      standings: standings.get(provider) ?? none(),
    }))
    .sort((a, b) => worst(a) - worst(b) || b.figures.messages - a.figures.messages);
}

/** The place of the worst reputation that anybody has there. */
function worst({ standings }: FleetReceiver): number {
  const place = reputationOrder.findIndex((reputation) => standings[reputation] > 0);
  return place === -1 ? reputationOrder.length : place;
}
