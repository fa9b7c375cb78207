import type { ProviderId } from "@mailstead/core/delivery";
import { nothingFromOutside, type OutsideSight } from "@mailstead/core/reputation";
import type { Transaction } from "@mailstead/db";
import { readFoundListings } from "./read-found-listings.ts";

/** Something that others than the mail log tell of a sender. What it does not name is meant of all. */
export interface Sighting extends Partial<OutsideSight> {
  readonly serverId?: string;
  readonly address?: string;
  readonly domainId?: string;
  readonly provider?: ProviderId;
}

/** Reads sightings that the context sees and that are not over at `from`. */
export type SightingReader = (tx: Transaction, time: { from: Date }) => Promise<readonly Sighting[]>;

/** Everybody who tells of senders from outside: block lists, feedback loops, reports, the providers' own pages. */
const readers: readonly SightingReader[] = [readFoundListings];

/** An address of a server, the whole server, or a domain. */
interface Seen {
  readonly serverId?: string | null;
  readonly address?: string;
  readonly domainId?: string | null;
}

/** What is told of a sender at a receiver, by all who tell anything. */
export async function readOutsideSights(
  tx: Transaction,
  time: { from: Date },
): Promise<(sender: Seen, provider: ProviderId | null) => OutsideSight> {
  const sightings: Sighting[] = [];
  for (const read of readers) sightings.push(...(await read(tx, time)));
  const byServer = Map.groupBy(sightings, ({ serverId }) => serverId);
  const byDomain = Map.groupBy(sightings, ({ domainId }) => domainId);
  return ({ serverId, address, domainId }, provider) => {
    const own = serverId == null ? byDomain.get(domainId ?? "") : byServer.get(serverId);
    return (own ?? [])
      .filter((told) => told.address === undefined || address === undefined || told.address === address)
      .filter((told) => told.provider === undefined || told.provider === provider)
      .reduce<OutsideSight>(join, nothingFromOutside);
  };
}

function join(
  all: OutsideSight,
  { complaints = [], dmarc = [], listings = [], words = [] }: Sighting,
): OutsideSight {
  return {
    complaints: [...all.complaints, ...complaints],
    dmarc: [...all.dmarc, ...dmarc],
    listings: [...all.listings, ...listings],
    words: [...all.words, ...words],
  };
}
