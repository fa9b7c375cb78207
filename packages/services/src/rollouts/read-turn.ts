import {
  chooseStarts,
  type MaintenanceTimes,
  type MemberState,
  type Opening,
  openingNow,
  type RolloutKind,
  type RolloutSettings,
  type RolloutState,
  type StartMember,
  type Starts,
  sharedWith,
  type WaveCounts,
} from "@mailstead/core/rollouts";
import {
  deliveryMinutes,
  freezes,
  maintenanceTimes,
  organisations,
  rolloutMembers,
  servers,
  standIns,
  type Transaction,
} from "@mailstead/db";
import { and, eq, gte, sql } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import { awayStandInOf, readAwayStandIns, standInKey } from "./keep-apart.ts";
import { readBusyElsewhere } from "./read-busy-elsewhere.ts";

export interface Turn {
  readonly starts: Starts;
  readonly waves: readonly WaveCounts[];
  /** Why members cannot start, where that is otherwise than it was told; null where nothing speaks against it any more. */
  readonly newReasons: readonly { readonly id: string; readonly because: string | null }[];
}

/** From a look before until all of a change is over, as far as it can be told: a window has to stay open for so long. */
const changeTakesMs = 20 * 60_000;

/** Whose turn it is now, and how many members of each wave are where. */
export async function readTurn(
  tx: Transaction,
  ctx: ServiceContext,
  rollout: { id: string; kind: RolloutKind; state: RolloutState; settings: RolloutSettings; wave: number },
): Promise<Turn> {
  const now = ctx.now();
  const rows = await readMembers(tx, rollout.id);
  const away = await readAwayStandIns(
    tx,
    rows.flatMap(({ keepApart }) => keepApart),
  );
  const opening = await readOpenings(
    tx,
    ctx,
    rows.map(({ tenantId }) => tenantId),
  );
  const elsewhere = await readBusyElsewhere(tx, rollout.id);
  const sending = rollout.kind === "reboots" ? await readBulkSenders(tx, now) : new Set<string>();
  const members = rows.map(
    ({ tenantId, queueMessages, waitsBecause: _waitsBecause, ...member }): StartMember => ({
      ...member,
      awayStandIn: awayStandInOf(member, away),
      busyElsewhere: elsewhere.serverIds.has(member.serverId)
        ? "itself"
        : sharedWith(member.keepApart, elsewhere.names),
      opening:
        rollout.kind === "reboots" && queueMessages > queueMessagesMax
          ? closed(
              `${queueMessages} messages wait in its mail queue; it starts anew with ${queueMessagesMax} at most.`,
            )
          : rollout.kind === "reboots" && sending.has(member.serverId)
            ? closed("It is sending much mail just now.")
            : (opening.get(tenantId) ?? { kind: "open" }),
    }),
  );
  const { inFlightMax } = rollout.settings;
  const starts = chooseStarts({ members, wave: rollout.wave, inFlightMax, rollout: rollout.state }, now);
  const newReasons = rows.flatMap(({ serverId: id, state, waitsBecause }) => {
    const because = starts.waiting.get(id) ?? null;
    const isTold = state === "waiting" || because !== null;
    return isTold && because !== waitsBecause ? { id, because } : [];
  });
  return { starts, waves: countWaves(members, starts), newReasons };
}

/** More waits than a restart ought to hold up. */
const queueMessagesMax = 50;
const bulkAttemptsMin = 500;
const bulkWithinMs = 15 * 60_000;

/** Servers that send in bulk now: whose recipients would get half of it before a restart and half after. */
async function readBulkSenders(tx: Transaction, now: Date): Promise<ReadonlySet<string>> {
  const rows = await tx
    .select({ serverId: deliveryMinutes.serverId })
    .from(deliveryMinutes)
    .where(
      and(
        gte(deliveryMinutes.startsAt, new Date(now.getTime() - bulkWithinMs)),
        eq(deliveryMinutes.direction, "outbound"),
      ),
    )
    .groupBy(deliveryMinutes.serverId)
    .having(sql`sum(${deliveryMinutes.attempts}) >= ${bulkAttemptsMin}`);
  return new Set(rows.map(({ serverId }) => serverId));
}

function closed(because: string): Opening {
  return { kind: "closed", because };
}

async function readMembers(tx: Transaction, rolloutId: string) {
  const rows = await tx
    .select({
      serverId: rolloutMembers.serverId,
      name: servers.name,
      tenantId: rolloutMembers.tenantId,
      wave: rolloutMembers.wave,
      position: rolloutMembers.position,
      state: rolloutMembers.state,
      isProven: rolloutMembers.isProven,
      hasWayBack: rolloutMembers.hasWayBack,
      wasAsked: sql<boolean>`${rolloutMembers.attempts} > 0`,
      notBefore: rolloutMembers.notBefore,
      waitsBecause: rolloutMembers.waitsBecause,
      keepApart: rolloutMembers.keepApart,
      group: standInKey,
      queueMessages: sql<number>`coalesce((${servers.facts} ->> 'queueSizeMessages')::integer, 0)`,
      isOnline: sql<boolean>`${servers.gatewayId} is not null and ${servers.enrolmentState} = 'enrolled'`,
    })
    .from(rolloutMembers)
    .innerJoin(servers, eq(servers.id, rolloutMembers.serverId))
    .leftJoin(standIns, eq(standIns.serverId, rolloutMembers.serverId))
    .where(eq(rolloutMembers.rolloutId, rolloutId));
  return rows.map(({ group, ...row }) => ({
    ...row,
    keepApart: group === null ? row.keepApart : [...row.keepApart, group],
  }));
}

/** Whether each customer's servers may be changed now. */
async function readOpenings(
  tx: Transaction,
  ctx: ServiceContext,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, Opening>> {
  const now = ctx.now();
  const [organisation] = await tx
    .select({ timeZone: organisations.timeZone })
    .from(organisations)
    .where(eq(organisations.id, ctx.organisationId));
  const times = await tx.select().from(maintenanceTimes);
  // A day's length before now: somewhere it is still that day.
  const yesterday = new Date(now.getTime() - 86_400_000).toISOString().slice(0, 10);
  const frozen = await tx.select().from(freezes).where(gte(freezes.untilDay, yesterday));
  const own = new Map(times.map((row) => [row.tenantId, row]));
  const opening = new Map<string, Opening>();
  for (const tenantId of new Set(tenantIds)) {
    const row = own.get(tenantId);
    const held: MaintenanceTimes = {
      windows: row?.windows ?? [],
      timeZone: row?.timeZone ?? organisation?.timeZone ?? "UTC",
      freezes: frozen.filter((one) => one.tenantId === null || one.tenantId === tenantId),
    };
    opening.set(tenantId, openingNow(held, { now, neededMs: changeTakesMs }));
  }
  return opening;
}

function countWaves(
  members: readonly StartMember[],
  { serverIds, waiting }: Starts,
): readonly WaveCounts[] {
  const starting = new Set(serverIds);
  const waves = new Map<
    number,
    { counts: Partial<Record<MemberState, number>>; startable: number; hindered: number }
  >();
  for (const { wave, state, serverId } of members) {
    const own = waves.get(wave) ?? { counts: {}, startable: 0, hindered: 0 };
    own.counts[state] = (own.counts[state] ?? 0) + 1;
    if (starting.has(serverId)) own.startable += 1;
    if (waiting.has(serverId)) own.hindered += 1;
    waves.set(wave, own);
  }
  return [...waves].map(([wave, own]) => ({ wave, ...own })).toSorted((a, b) => a.wave - b.wave);
}
