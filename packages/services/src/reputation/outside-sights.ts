import type { ProviderId } from "@mailstead/core/delivery";
import { type ComplaintScope, nothingFromOutside, type OutsideSight } from "@mailstead/core/reputation";
import type { Transaction } from "@mailstead/db";
import { readComplaintSights } from "./read-complaint-sights.ts";
import { readDmarcSights } from "./read-dmarc-sights.ts";
import { readFoundListings } from "./read-found-listings.ts";
import { readProviderWords } from "./read-provider-words.ts";

/** Something that others than the mail log tell of a sender. What it does not name is meant of all. */
export interface Sighting extends Partial<OutsideSight> {
  readonly serverId?: string;
  readonly address?: string;
  readonly domainId?: string;
  /** Null for all receivers that are none that many domains share. */
  readonly provider?: ProviderId | null;
}

/** Of which time, and of whom; of all that the context sees, where nobody is asked for. */
export interface SightingTime {
  readonly from: Date;
  readonly until: Date;
  readonly asked: ComplaintScope;
}

/** Reads sightings that are not over at `from`. It may tell of others than who was asked for. */
export type SightingReader = (tx: Transaction, time: SightingTime) => Promise<readonly Sighting[]>;

/** Everybody who tells of senders from outside: block lists, feedback loops, reports, the providers' own pages. */
const readers: readonly SightingReader[] = [
  readFoundListings,
  readComplaintSights,
  readDmarcSights,
  readProviderWords,
];

/** An address of a server, the whole server, or a domain. */
interface Seen {
  readonly serverId?: string | null;
  readonly address?: string;
  readonly domainId?: string | null;
}

/** What is told of a sender at a receiver, by all who tell anything. */
export async function readOutsideSights(
  tx: Transaction,
  time: SightingTime,
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
