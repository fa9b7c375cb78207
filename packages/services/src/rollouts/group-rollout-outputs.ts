import { type MemberState, sameOutput, statesByUrgency } from "@mailstead/core/rollouts";
import type { PackageChange } from "@mailstead/core/updates";
import { rolloutMembers, servers, type Transaction } from "@mailstead/db";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { findRollout } from "./find-rollout.ts";

const groupInput = z.object({ rolloutId: z.uuid() });

/** Servers to which the same happened. */
export interface RolloutOutput {
  readonly state: MemberState;
  /** What they said, without what differs by the server alone; null where it went as planned. */
  readonly sentence: string | null;
  readonly servers: number;
  /** The first of them. */
  readonly members: readonly { id: string; name: string }[];
  /** What changed on each of them. */
  readonly changes: readonly PackageChange[];
  readonly changesInAll: number;
  /** Files that a configuration changed on each of them. */
  readonly paths: readonly string[];
  readonly pathsInAll: number;
}

export interface RolloutOutputs {
  readonly outputs: readonly RolloutOutput[];
  /** How many different ones there are. */
  readonly total: number;
}

const outputsMax = 60;
const membersMax = 12;
const changesMax = 8;

/** What came of a rollout so far, the same outcomes together: what went wrong first, then what most servers share. */
export function groupRolloutOutputs(
  ctx: ServiceContext,
  input: z.input<typeof groupInput>,
): Promise<RolloutOutputs> {
  const { rolloutId } = parseInput(groupInput, input);
  return withTransaction(ctx, async (tx) => {
    await findRollout(tx, ctx, rolloutId);
    const told = (await readTold(tx, rolloutId)).map((one) => ({
      ...one,
      sentence: one.sentence === null ? null : sameOutput(one.sentence, [one.name, one.hostname]),
    }));
    const groups = [
      ...Map.groupBy(told, ({ state, sentence, changes }) =>
        JSON.stringify([state, sentence, changes]),
      ).values(),
    ]
      .flatMap((all) => (all[0] === undefined ? [] : { first: all[0], all }))
      .toSorted((a, b) => urgencyOf(a.first) - urgencyOf(b.first) || b.all.length - a.all.length);
    const shown = groups.slice(0, outputsMax);
    const changes = await readChanges(
      tx,
      rolloutId,
      shown.map(({ first }) => first.id),
    );
    return {
      total: groups.length,
      outputs: shown.map(({ first, all }) => {
        const { changes: own, paths } = changes.get(first.id) ?? unchanged;
        return {
          state: first.state,
          sentence: first.sentence,
          servers: all.length,
          members: all.slice(0, membersMax).map(({ id, name }) => ({ id, name })),
          changes: own.slice(0, changesMax),
          changesInAll: own.length,
          paths: paths.slice(0, changesMax),
          pathsInAll: paths.length,
        };
      }),
    };
  });
}

function urgencyOf({ state }: { state: MemberState }): number {
  return statesByUrgency.indexOf(state);
}

/** What changed is compared by a digest: of ten thousand servers it would else be most of what is read. */
function readTold(tx: Transaction, rolloutId: string) {
  return tx
    .select({
      id: rolloutMembers.serverId,
      name: servers.name,
      hostname: servers.hostname,
      state: rolloutMembers.state,
      sentence: sql<string | null>`coalesce(${rolloutMembers.problem},
        case when ${rolloutMembers.state} = 'waiting' then ${rolloutMembers.waitsBecause} end)`,
      changes: sql<
        string | null
      >`md5(coalesce(${rolloutMembers.changes}, ${rolloutMembers.changedPaths})::text)`,
    })
    .from(rolloutMembers)
    .innerJoin(servers, eq(servers.id, rolloutMembers.serverId))
    .where(eq(rolloutMembers.rolloutId, rolloutId))
    .orderBy(asc(rolloutMembers.wave), asc(rolloutMembers.position));
}

async function readChanges(
  tx: Transaction,
  rolloutId: string,
  serverIds: readonly string[],
): Promise<ReadonlyMap<string, Changed>> {
  const rows = await tx
    .select({
      serverId: rolloutMembers.serverId,
      changes: rolloutMembers.changes,
      paths: rolloutMembers.changedPaths,
    })
    .from(rolloutMembers)
    .where(and(eq(rolloutMembers.rolloutId, rolloutId), inArray(rolloutMembers.serverId, [...serverIds])));
  return new Map(
    rows.map(({ serverId, changes, paths }) => [serverId, { changes: changes ?? [], paths: paths ?? [] }]),
  );
}

interface Changed {
  readonly changes: readonly PackageChange[];
  readonly paths: readonly string[];
}
const unchanged: Changed = { changes: [], paths: [] };
