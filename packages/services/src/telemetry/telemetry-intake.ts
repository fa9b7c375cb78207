import { inGroups, type SystemContext } from "../context/index.ts";
import { type StoredTelemetry, storeTogether, type Telemetry } from "./store-telemetry.ts";

/** Takes in what the agents of one gateway tell. */
export interface TelemetryIntake {
  /** As `storeTelemetry`, in one transaction with what others tell at the same time. */
  store(ctx: SystemContext, telemetry: Telemetry): Promise<StoredTelemetry>;
}

/** Opens an intake: a batch that comes alone is stored at once, and those that come meanwhile go together. */
export function openTelemetryIntake(): TelemetryIntake {
  return {
    store: inGroups({
      together: storeTogether,
      // A later number that overtakes an earlier one would make that count as stored.
      nameOf: ({ serverId, stream }: Telemetry) => `${serverId} ${stream}`,
      weightOf: ({ batch }) => partsOf(batch),
      // More at once only wait for the same processors and the same disk, and fewer leave both idle meanwhile (measured).
      groupsMax: 3,
      // Bounds what lies in memory, and for how long the first of a group waits.
      lengthMax: 64,
      weightMax: 3000,
    }),
  };
}

/** How much a batch of any shape holds, as far as its lists tell. */
function partsOf(batch: unknown): number {
  const lists = typeof batch === "object" && batch !== null ? Object.values(batch) : [];
  return lists.reduce((sum: number, list) => sum + (Array.isArray(list) ? list.length : 0), 0);
}
