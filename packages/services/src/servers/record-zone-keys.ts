import type { ZoneKeys } from "@mailstead/core/servers";
import { followKeyRoll } from "@mailstead/core/zones";
import { type Transaction, zoneServers, zones } from "@mailstead/db";
import { and, eq } from "drizzle-orm";

/** Keeps the public keys of the zones that a host signs, and how far their rolls are; only a zone's own primary is heard. */
export async function recordZoneKeys(
  tx: Transaction,
  { serverId, zoneKeys, now }: { serverId: string; zoneKeys: readonly ZoneKeys[]; now: Date },
): Promise<void> {
  if (zoneKeys.length === 0) return;
  const signed = await tx
    .select({
      id: zones.id,
      name: zones.name,
      signers: zones.signers,
      publicKeys: zones.publicKeys,
      keyRoll: zones.keyRoll,
    })
    .from(zoneServers)
    .innerJoin(zones, eq(zones.id, zoneServers.zoneId))
    .where(and(eq(zoneServers.serverId, serverId), eq(zoneServers.role, "primary")));
  const reported = new Map(zoneKeys.map((keys) => [keys.zone, keys]));
  for (const { id, name, ...known } of signed) {
    const told = reported.get(name);
    if (told === undefined || isSame(told, known)) continue;
    const before = { keys: known.publicKeys ?? [], signers: known.signers ?? [] };
    const keyRoll = followKeyRoll(known.keyRoll, { before, told, now });
    await tx
      .update(zones)
      .set({ signers: told.signers, publicKeys: told.keys, keysReportedAt: now, keyRoll })
      .where(eq(zones.id, id));
  }
}

function isSame(
  { signers, keys }: ZoneKeys,
  known: { signers: ZoneKeys["signers"] | null; publicKeys: string[] | null },
): boolean {
  // Postgres gives an object's members back in another order.
  const textOf = (list: ZoneKeys["signers"] | null) =>
    (list ?? []).map((one) => [one.keyTag, one.algorithm, one.digestType, one.digest].join(" ")).join();
  return textOf(signers) === textOf(known.signers) && keys.join() === (known.publicKeys ?? []).join();
}
