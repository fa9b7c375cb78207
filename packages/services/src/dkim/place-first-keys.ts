import { checkSoon } from "@mailstead/core/domains";
import { dkimKeys, domains, type Transaction } from "@mailstead/db";
import { and, asc, eq, ne } from "drizzle-orm";
import { takeDelegatedName } from "./delegated-names.ts";

/** A key whose record moved: as what it signs now, or null for its own name. */
export interface MovedKey {
  serverId: string;
  selector: string;
  signsAs: string | null;
}

/**
 * Moves first keys that do not sign yet to where new ones would stand now: behind delegated names, or to names of their
 * own. Those of a server of which one signs already stay until a rotation. The caller has locked the domain, and tells the servers.
 */
export async function placeFirstKeys(
  tx: Transaction,
  { domain, now }: { domain: { id: string; name: string }; now: Date },
): Promise<MovedKey[]> {
  const living = await tx
    .select()
    .from(dkimKeys)
    .where(and(eq(dkimKeys.domainId, domain.id), ne(dkimKeys.state, "destroyed")))
    .orderBy(asc(dkimKeys.serverId), asc(dkimKeys.selector));
  const moved: MovedKey[] = [];
  for (const ofServer of Map.groupBy(living, ({ serverId }) => serverId).values()) {
    const areFirst = ofServer.every(
      ({ state, madeBy, replacedBy }) => state === "waiting" && madeBy === null && replacedBy === null,
    );
    if (!areFirst) continue;
    // A key holds no name against itself.
    for (const { id } of ofServer)
      await tx.update(dkimKeys).set({ signsAs: null, publishedAtName: null }).where(eq(dkimKeys.id, id));
    for (const { id, serverId, selector, algorithm } of ofServer) {
      const place = await takeDelegatedName(tx, { domain, serverId, algorithm, now });
      const { signsAs, publishedAtName, isNameReused } = place ?? ownPlace;
      await tx
        .update(dkimKeys)
        .set({ signsAs, publishedAtName, isNameReused, shownSince: null })
        .where(eq(dkimKeys.id, id));
      moved.push({ serverId, selector, signsAs });
    }
  }
  if (moved.length > 0)
    await tx
      .update(domains)
      .set({ firstKeysTryAt: null, ...checkSoon(now) })
      .where(eq(domains.id, domain.id));
  return moved;
}

const ownPlace = { signsAs: null, publishedAtName: null, isNameReused: false };
