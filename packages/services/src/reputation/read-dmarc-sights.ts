import type { Transaction } from "@mailstead/db";
import { readOwnDmarc } from "../reports/index.ts";
import type { Sighting, SightingTime } from "./outside-sights.ts";
import { eachSender } from "./told-of.ts";

/** How receivers found our own mail proven, by their aggregate reports. What others forged lowers nobody. */
export async function readDmarcSights(
  tx: Transaction,
  { from, asked }: SightingTime,
): Promise<readonly Sighting[]> {
  const told = (await readOwnDmarc(tx, asked, from)).flatMap((one) => eachSender(one, asked));
  return told.map(({ domainId, serverId, address, provider, day, passed, total }) => ({
    ...(domainId === null ? {} : { domainId }),
    ...(serverId === null || address === null ? {} : { serverId, address }),
    provider,
    dmarc: [{ day: Date.parse(day), passed, total }],
  }));
}
