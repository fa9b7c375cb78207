import { addCounts, type CountedVerdicts } from "@mailstead/core/verdicts";
import { servers, serverVerdictDays, type Transaction } from "@mailstead/db";
import { and, eq, inArray } from "drizzle-orm";
import type { Database, Installation, SystemContext } from "../context/index.ts";
import { keepSummedDays, readWholeDays, type SummedKind } from "../summed-days/index.ts";
import { verdictPeriods } from "./periods.ts";
import { actionOf, readVerdicts, type VerdictScope } from "./read-verdicts.ts";

/** What a server's filter decided: of mail that came, and of mail in the name of its own domains that left. */
export interface ServerVerdicts {
  readonly inbound: readonly CountedVerdicts[];
  readonly outbound: readonly CountedVerdicts[];
}

const { lengthMs: dayMs } = verdictPeriods.days;
const verdicts: SummedKind = { kind: "verdicts", table: serverVerdictDays, sum: sumServer };

/**
 * Sums each server's verdicts of the days that are over, where that is not kept or more was told since. Idempotent, and
 * safe beside itself. Gives the organisations in which that failed.
 */
export function keepVerdictDays(
  ctx: SystemContext,
  deps: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  return keepSummedDays(ctx, deps, verdicts);
}

async function sumServer(
  tx: Transaction,
  { serverId, days }: { serverId: string; days: readonly Date[] },
): Promise<void> {
  const [server] = await tx
    .select({ organisationId: servers.organisationId, tenantId: servers.tenantId })
    .from(servers)
    .where(eq(servers.id, serverId));
  if (server === undefined) return;
  // A day at a time: of a large server each has a thousand rows.
  for (const startsAt of days) {
    const until = new Date(startsAt.getTime() + dayMs);
    const found = splitOf(await readVerdicts(tx, { serverId, from: startsAt, until, by: "days" }));
    const rows = (["inbound", "outbound"] as const).flatMap((direction) =>
      sumByAction(found[direction]).map((sum) => ({ ...server, serverId, startsAt, direction, ...sum })),
    );
    if (rows.length > 0) await tx.insert(serverVerdictDays).values(rows);
  }
}

function splitOf(found: Awaited<ReturnType<typeof readVerdicts>>): ServerVerdicts {
  return {
    inbound: found.filter(({ direction }) => direction === "inbound"),
    // What only passes through the server is not theirs.
    outbound: found.filter(({ direction, domain }) => direction === "outbound" && domain !== ""),
  };
}

function sumByAction(counted: readonly CountedVerdicts[]): CountedVerdicts[] {
  return [...Map.groupBy(counted, ({ action }) => action)].map(([action, own]) => ({
    action,
    messages: own.reduce((sum, { messages }) => sum + messages, 0),
    facts: own.reduce((sum, { facts }) => addCounts(sum, facts), {}),
    scores: own.reduce((sum, { scores }) => addCounts(sum, scores), {}),
    symbols: own.reduce((sum, { symbols }) => addCounts(sum, symbols), {}),
  }));
}

/** The verdicts of a server in a time; of days that are kept summed, one for each action. */
export async function readServerVerdicts(
  tx: Transaction,
  scope: VerdictScope & { readonly serverId: string },
): Promise<ServerVerdicts> {
  if (scope.by === "hours") return splitOf(await readVerdicts(tx, scope));
  const { serverId, until } = scope;
  const first = Math.floor(scope.from.getTime() / dayMs) * dayMs;
  const whole = await readWholeDays(tx, { serverId, kind: "verdicts", from: new Date(first), until });
  const count = Math.ceil((until.getTime() - first) / dayMs);
  const days = Array.from({ length: count }, (_, place) => first + place * dayMs);
  const periods = days.filter((day) => !whole.has(day)).map((day) => new Date(day));
  const open = splitOf(periods.length === 0 ? [] : await readVerdicts(tx, { ...scope, periods }));
  const kept = await readKept(tx, { serverId, days: [...whole].map((day) => new Date(day)) });
  return {
    inbound: [...kept.inbound, ...open.inbound],
    outbound: [...kept.outbound, ...open.outbound],
  };
}

async function readKept(
  tx: Transaction,
  { serverId, days }: { serverId: string; days: readonly Date[] },
): Promise<ServerVerdicts> {
  if (days.length === 0) return { inbound: [], outbound: [] };
  const rows = await tx
    .select({
      direction: serverVerdictDays.direction,
      action: serverVerdictDays.action,
      messages: serverVerdictDays.messages,
      facts: serverVerdictDays.facts,
      scores: serverVerdictDays.scores,
      symbols: serverVerdictDays.symbols,
    })
    .from(serverVerdictDays)
    .where(and(eq(serverVerdictDays.serverId, serverId), inArray(serverVerdictDays.startsAt, [...days])));
  const of = (wanted: "inbound" | "outbound") =>
    rows
      .filter(({ direction }) => direction === wanted)
      .map(({ direction: _direction, action, ...sum }) => ({ ...sum, action: actionOf(action) }));
  return { inbound: of("inbound"), outbound: of("outbound") };
}
