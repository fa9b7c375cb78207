import { bareQueueId } from "./queue-id.ts";

/** Queue ids with the address that handed each in, as plain data. */
export type KeptArrivals = readonly (readonly [queueId: string, address: string | null])[];

/**
 * Under which queue ids mail came to this host of late, in any instance of Postfix, and from where: a filter that names one has
 * handed its mail back there, also where that was delivered and removed before the filter answered.
 */
export interface Arrivals {
  note(queueId: string, address: string | null): void;
  /** From where the message came; undefined where none came under that queue id. */
  addressOf(queueId: string): string | null | undefined;
  read(): KeptArrivals;
}

/** A filter answers within a second of what it handed back, and no host takes in as much in that. At most twice as many are known. */
export const arrivalsMin = 250;

/** Goes on with what was kept. */
export function createArrivals(kept: KeptArrivals = []): Arrivals {
  // Each arrival is put away once and never taken out by itself: most of a busy host's are of no use to anybody.
  let young = new Map<string, string | null>();
  let old: ReadonlyMap<string, string | null> = new Map(kept);
  return {
    note(queueId, address) {
      if (young.size >= arrivalsMin) {
        old = young;
        young = new Map();
      }
      young.set(bareQueueId(queueId), address);
    },
    addressOf(queueId) {
      const address = young.get(queueId);
      return address === undefined ? old.get(queueId) : address;
    },
    read: () => [...old, ...young],
  };
}
