import { hiddenMark, memberMarks } from "@mailstead/core/rollouts";
import { rolloutMembers, servers } from "@mailstead/db";
import { asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { findRollout } from "./find-rollout.ts";
import { isAskedFor, memberFilter } from "./member-filter.ts";

const cellsInput = z.object({ rolloutId: z.uuid() });

/** Who is in a rollout, wave by wave: it stands still once the rollout has started, so a page asks once. */
export interface RolloutCells {
  readonly waves: readonly { wave: number; servers: number }[];
  /** One of each server, in the order of the waves. */
  readonly ids: readonly string[];
  readonly names: readonly string[];
}

/** The servers of a rollout in the order in which `readRolloutMarks` tells of them. */
export function readRolloutCells(
  ctx: ServiceContext,
  input: z.input<typeof cellsInput>,
): Promise<RolloutCells> {
  const { rolloutId } = parseInput(cellsInput, input);
  return withTransaction(ctx, async (tx) => {
    await findRollout(tx, ctx, rolloutId);
    const rows = await tx
      .select({ id: rolloutMembers.serverId, name: servers.name, wave: rolloutMembers.wave })
      .from(rolloutMembers)
      .innerJoin(servers, eq(servers.id, rolloutMembers.serverId))
      .where(eq(rolloutMembers.rolloutId, rolloutId))
      .orderBy(asc(rolloutMembers.wave), asc(rolloutMembers.position));
    const waves = Map.groupBy(rows, ({ wave }) => wave);
    return {
      waves: [...waves].map(([wave, own]) => ({ wave, servers: own.length })),
      ids: rows.map(({ id }) => id),
      names: rows.map(({ name }) => name),
    };
  });
}

/**
 * How each server of a rollout stands, one letter each (`stateOfMark`), with a mark in place of those that are not asked for. A
 * text of another length than there are cells means that a server was removed, and the cells are to be read anew.
 */
export function readRolloutMarks(
  ctx: ServiceContext,
  input: z.input<typeof memberFilter>,
): Promise<{ marks: string }> {
  const filter = parseInput(memberFilter, input);
  return withTransaction(ctx, async (tx) => {
    await findRollout(tx, ctx, filter.rolloutId);
    const mark = sql`${JSON.stringify(memberMarks)}::jsonb ->> ${rolloutMembers.state}`;
    const [row] = await tx
      .select({
        marks: sql<
          string | null
        >`string_agg(case when ${isAskedFor(filter)} then ${mark} else ${hiddenMark} end, ''
          order by ${rolloutMembers.wave}, ${rolloutMembers.position})`,
      })
      .from(rolloutMembers)
      .innerJoin(servers, eq(servers.id, rolloutMembers.serverId))
      .where(eq(rolloutMembers.rolloutId, filter.rolloutId));
    return { marks: row?.marks ?? "" };
  });
}
