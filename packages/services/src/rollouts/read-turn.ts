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
import { and, eq, gte, inArray, sql } from "drizzle-orm";
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

interface ReadRollout {
  readonly id: string;
  readonly kind: RolloutKind;
  readonly state: RolloutState;
  readonly settings: RolloutSettings;
  readonly wave: number;
}

/** Whose turn it is now, and how many members of each wave are where. */
export async function readTurn(tx: Transaction, ctx: ServiceContext, rollout: ReadRollout): Promise<Turn> {
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
          : (opening.get(tenantId) ?? { kind: "open" }),
    }),
  );
  const starts =
    rollout.kind === "reboots"
      ? await chooseQuietStarts(tx, { rollout, members, now })
      : chooseFor(rollout, members, now);
  const newReasons = rows.flatMap(({ serverId: id, state, waitsBecause }) => {
    const because = starts.waiting.get(id) ?? null;
    const isTold = state === "waiting" || because !== null;
    return isTold && because !== waitsBecause ? { id, because } : [];
  });
  return { starts, waves: countWaves(members, starts), newReasons };
}

function chooseFor(rollout: ReadRollout, members: readonly StartMember[], now: Date): Starts {
  const { state, wave, settings } = rollout;
  return chooseStarts({ members, wave, inFlightMax: settings.inFlightMax, rollout: state }, now);
}

/** Asks what is sent only of those that would start: all of a large fleet would be asked at every look. */
async function chooseQuietStarts(
  tx: Transaction,
  { rollout, members, now }: { rollout: ReadRollout; members: readonly StartMember[]; now: Date },
): Promise<Starts> {
  const asked = new Set<string>();
  const sending = new Set<string>();
  for (;;) {
    const starts = chooseFor(
      rollout,
      members.map((member) =>
        sending.has(member.serverId)
          ? { ...member, opening: closed("It is sending much mail just now.") }
          : member,
      ),
      now,
    );
    const unasked = starts.serverIds.filter((id) => !asked.has(id));
    if (unasked.length === 0) return starts;
    for (const id of unasked) asked.add(id);
    for (const id of await readBulkSenders(tx, unasked, now)) sending.add(id);
  }
}

/** More waits than a restart ought to hold up. */
const queueMessagesMax = 50;
const bulkAttemptsMin = 500;
const bulkWithinMs = 15 * 60_000;

/** Of these, servers that send in bulk now: whose recipients would get half of it before a restart and half after. */
async function readBulkSenders(
  tx: Transaction,
  serverIds: readonly string[],
  now: Date,
): Promise<readonly string[]> {
  const rows = await tx
    .select({ serverId: deliveryMinutes.serverId })
    .from(deliveryMinutes)
    .where(
      and(
        inArray(deliveryMinutes.serverId, [...serverIds]),
        gte(deliveryMinutes.startsAt, new Date(now.getTime() - bulkWithinMs)),
        eq(deliveryMinutes.direction, "outbound"),
      ),
    )
    .groupBy(deliveryMinutes.serverId)
    .having(sql`sum(${deliveryMinutes.attempts}) >= ${bulkAttemptsMin}`);
  return rows.map(({ serverId }) => serverId);
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

function countWaves(members: readonly StartMember[], { serverIds, waiting }: Starts): readonly WaveCounts[] {
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
