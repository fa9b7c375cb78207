import type { RenderedStack } from "@mailstead/core/converge";
import { type ZoneKeys, zoneKeysSchema } from "@mailstead/core/servers";
import type { Host } from "../platform/host.ts";

/**
 * The keys of the zones that this host signs, as Knot publishes them for the zone above (CDS, RFC 7344). Zones that it
 * has not signed yet are left out, and all of them while it does not run.
 */
export async function readZoneKeys(host: Host, { signedZones }: RenderedStack): Promise<ZoneKeys[]> {
  if (signedZones.length === 0) return [];
  const signers = await readApex(host, "CDS");
  const keys = await readApex(host, "DNSKEY");
  return signedZones.flatMap((zone): ZoneKeys[] => {
    const found = zoneKeysSchema.safeParse({
      zone,
      signers: (signers.get(zone) ?? []).map(parseSigner),
      // Only the key that the zone above vouches for is told; the other one is Knot's own affair.
      keys: (keys.get(zone) ?? []).filter((data) => data.startsWith("257 ")),
    });
    return found.success && found.data.signers.length > 0 ? [found.data] : [];
  });
}

/** Data of the records of a type at the top of every zone. Knot fails for zones without any and still tells the others. */
async function readApex(host: Host, type: "CDS" | "DNSKEY"): Promise<Map<string, string[]>> {
  const { stdout } = await host.run(["knotc", "zone-read", "--", "@", type]);
  const byZone = new Map<string, string[]>();
  for (const line of stdout.split("\n")) {
    const [, zone = "", data = ""] =
      new RegExp(`^\\[(\\S+?)\\.?\\] \\S+ \\d+ ${type} (.+)$`).exec(line) ?? [];
    if (zone !== "") byZone.set(zone, [...(byZone.get(zone) ?? []), data.trim()]);
  }
  return byZone;
}

function parseSigner(data: string) {
  const [keyTag, algorithm, digestType, ...digest] = data.split(" ");
  return {
    keyTag: Number(keyTag),
    algorithm: Number(algorithm),
    digestType: Number(digestType),
    digest: digest.join("").toUpperCase(),
  };
}
