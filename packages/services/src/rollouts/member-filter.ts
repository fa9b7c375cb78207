import { type MemberState, memberGroups, statesOf } from "@mailstead/core/rollouts";
import { rolloutMembers, servers } from "@mailstead/db";
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import { z } from "zod";

/** Which members of a rollout a person asks for. */
export const memberFilter = z.object({
  rolloutId: z.uuid(),
  wave: z.int().nonnegative().optional(),
  group: z.enum(memberGroups).optional(),
  tenantId: z.uuid().optional(),
  /** A part of the name of a server or of its host. */
  search: z.string().trim().max(200).optional(),
});
export type MemberFilter = z.output<typeof memberFilter>;

/** True of the members that are asked for, in a question that joins the servers. */
export function isAskedFor({ rolloutId, wave, group, tenantId, search }: MemberFilter): SQL | undefined {
  const sought = search?.toLowerCase() ?? "";
  return and(
    eq(rolloutMembers.rolloutId, rolloutId),
    wave === undefined ? undefined : eq(rolloutMembers.wave, wave),
    group === undefined ? undefined : inArray(rolloutMembers.state, [...statesOf(group)] as MemberState[]),
    tenantId === undefined ? undefined : eq(rolloutMembers.tenantId, tenantId),
    sought === ""
      ? undefined
      : sql`(strpos(lower(${servers.name}), ${sought}) > 0 or strpos(lower(${servers.hostname}), ${sought}) > 0)`,
  );
}
