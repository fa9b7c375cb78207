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

/** A filter answers within a second of what it handed back, and no host takes in as much in that. */
export const arrivalsMax = 500;

/** Goes on with what was kept. */
export function createArrivals(kept: KeptArrivals = []): Arrivals {
  const arrivals = new Map(kept);
  return {
    note(queueId, address) {
      const bare = bareQueueId(queueId);
      // Last in the map is youngest.
      arrivals.delete(bare);
      arrivals.set(bare, address);
      if (arrivals.size <= arrivalsMax) return;
      for (const oldest of arrivals.keys()) {
        arrivals.delete(oldest);
        break;
      }
    },
    addressOf: (queueId) => arrivals.get(queueId),
    read: () => [...arrivals],
  };
}
