import { type MemberState, statesByUrgency } from "@mailstead/core/rollouts";
import { rolloutMembers, servers, tenants } from "@mailstead/db";
import { and, asc, count, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { findRollout } from "./find-rollout.ts";
import { isAskedFor, memberFilter } from "./member-filter.ts";

const listInput = memberFilter.extend({
  /** `nextCursor` of the page before. */
  cursor: z
    .string()
    .regex(/^\d{1,3} \d{1,3} \d{1,9}$/)
    .optional(),
  limit: z.int().min(1).max(200).default(50),
});

/** One server of a rollout, in a line. */
export interface RolloutMemberLine {
  /** The server's. */
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly tenantName: string;
  readonly wave: number;
  readonly state: MemberState;
  readonly stateSince: Date;
  /** What went wrong, or why it is not its turn. */
  readonly sentence: string | null;
}

export interface RolloutMembersPage {
  readonly members: readonly RolloutMemberLine[];
  readonly total: number;
  readonly nextCursor: string | null;
}

/** The servers of a rollout: what went wrong first, then what happens now, then what waits, and what is done. */
export function listRolloutMembers(
  ctx: ServiceContext,
  input: z.input<typeof listInput>,
): Promise<RolloutMembersPage> {
  const { cursor, limit, ...filter } = parseInput(listInput, input);
  return withTransaction(ctx, async (tx) => {
    await findRollout(tx, ctx, filter.rolloutId);
    const matches = isAskedFor(filter);
    const [total] = await tx
      .select({ count: count() })
      .from(rolloutMembers)
      .innerJoin(servers, eq(servers.id, rolloutMembers.serverId))
      .where(matches);
    const urgency = sql<number>`array_position(${sql.param([...statesByUrgency])}::text[], ${rolloutMembers.state})`;
    const [rank, wave, position] = (cursor ?? "").split(" ").map(Number);
    const rows = await tx
      .select({
        id: rolloutMembers.serverId,
        name: servers.name,
        hostname: servers.hostname,
        tenantName: tenants.name,
        wave: rolloutMembers.wave,
        state: rolloutMembers.state,
        stateSince: rolloutMembers.stateSince,
        sentence: sql<string | null>`coalesce(${rolloutMembers.problem},
          case when ${rolloutMembers.state} = 'waiting' then ${rolloutMembers.waitsBecause} end)`,
        urgency,
        position: rolloutMembers.position,
      })
      .from(rolloutMembers)
      .innerJoin(servers, eq(servers.id, rolloutMembers.serverId))
      .innerJoin(tenants, eq(tenants.id, rolloutMembers.tenantId))
      .where(
        and(
          matches,
          cursor === undefined
            ? undefined
            : sql`(${urgency}, ${rolloutMembers.wave}, ${rolloutMembers.position}) > (${rank}, ${wave}, ${position})`,
        ),
      )
      .orderBy(urgency, asc(rolloutMembers.wave), asc(rolloutMembers.position))
      .limit(limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      members: page.map(({ urgency: _urgency, position: _position, ...line }) => line),
      total: total?.count ?? 0,
      nextCursor:
        last !== undefined && rows.length > limit ? `${last.urgency} ${last.wave} ${last.position}` : null,
    };
  });
}
