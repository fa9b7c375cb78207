import { inFlightStates } from "@mailstead/core/rollouts";
import { rolloutMembers, standIns, type Transaction } from "@mailstead/db";
import { and, eq, inArray, ne } from "drizzle-orm";
import { standInName } from "./keep-apart.ts";

/** Servers that other rollouts have in the middle of a change, and the names that these share with their stand-ins. */
export async function readBusyElsewhere(
  tx: Transaction,
  rolloutId: string,
): Promise<{ serverIds: ReadonlySet<string>; names: ReadonlySet<string> }> {
  const rows = await tx
    .select({ serverId: rolloutMembers.serverId, keepApart: rolloutMembers.keepApart, group: standInName })
    .from(rolloutMembers)
    .leftJoin(standIns, eq(standIns.serverId, rolloutMembers.serverId))
    .where(and(ne(rolloutMembers.rolloutId, rolloutId), inArray(rolloutMembers.state, [...inFlightStates])));
  return {
    serverIds: new Set(rows.map(({ serverId }) => serverId)),
    names: new Set(
      rows.flatMap(({ keepApart, group }) => (group === null ? keepApart : [...keepApart, group])),
    ),
  };
}
