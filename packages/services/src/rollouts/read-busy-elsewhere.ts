import { inFlightStates } from "@mailstead/core/rollouts";
import { rolloutMembers, servers, standIns, type Transaction } from "@mailstead/db";
import { and, eq, inArray, ne } from "drizzle-orm";
import { standInKey } from "./keep-apart.ts";

/** Servers that other rollouts have in the middle of a change, and their names by the keys that they share with their stand-ins. */
export async function readBusyElsewhere(
  tx: Transaction,
  rolloutId: string,
): Promise<{ serverIds: ReadonlySet<string>; names: ReadonlyMap<string, string> }> {
  const rows = await tx
    .select({
      serverId: rolloutMembers.serverId,
      name: servers.name,
      keepApart: rolloutMembers.keepApart,
      group: standInKey,
    })
    .from(rolloutMembers)
    .innerJoin(servers, eq(servers.id, rolloutMembers.serverId))
    .leftJoin(standIns, eq(standIns.serverId, rolloutMembers.serverId))
    .where(and(ne(rolloutMembers.rolloutId, rolloutId), inArray(rolloutMembers.state, [...inFlightStates])));
  return {
    serverIds: new Set(rows.map(({ serverId }) => serverId)),
    names: new Map(
      rows.flatMap(({ name, keepApart, group }) =>
        (group === null ? keepApart : [...keepApart, group]).map((key) => [key, name] as const),
      ),
    ),
  };
}
