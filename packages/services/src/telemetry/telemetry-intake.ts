import { ConnectionOverError, type SystemContext } from "../context/index.ts";
import { type StoredTelemetry, storeTelemetry, storeTogether, type Telemetry } from "./store-telemetry.ts";

/** Takes in what the agents of one gateway tell. */
export interface TelemetryIntake {
  /** As `storeTelemetry`, in one transaction with what others tell at the same time. */
  store(ctx: SystemContext, telemetry: Telemetry): Promise<StoredTelemetry>;
}

/** Transactions at once: more of them only wait for the same processors and the same disk, and fewer leave both idle meanwhile (measured). */
const groupsMax = 3;
/** Bounds what lies in memory, and for how long the first of a group waits. */
const groupLengthMax = { batches: 64, parts: 3000 } as const;

/**
 * Opens an intake. While nothing is under way a batch is stored at once and alone; what comes meanwhile waits for its turn and
 * goes together, since each transaction costs as much as many rows.
 */
export function openTelemetryIntake(): TelemetryIntake {
  const waiting: Waiting[] = [];
  // A later number that overtakes an earlier one would make that count as stored.
  const underWay = new Set<string>();
  let groups = 0;

  function storeNext(): void {
    if (groups >= groupsMax) return;
    const group = takeGroup(waiting, underWay);
    if (group.length === 0) return;
    groups += 1;
    for (const one of group) underWay.add(streamOf(one));
    void storeGroup(group).finally(() => {
      groups -= 1;
      for (const one of group) underWay.delete(streamOf(one));
      storeNext();
    });
  }

  return {
    store: (ctx, telemetry) =>
      new Promise((resolve, reject) => {
        waiting.push({ ctx, telemetry, resolve, reject });
        storeNext();
      }),
  };
}

interface Waiting {
  readonly ctx: SystemContext;
  readonly telemetry: Telemetry;
  readonly resolve: (stored: StoredTelemetry) => void;
  readonly reject: (problem: unknown) => void;
}

function streamOf({ telemetry: { serverId, stream } }: Waiting): string {
  return `${serverId} ${stream}`;
}

/**
 * Takes those that wait for longest out, of each stream of a server one and none of what is under way, and at least one
 * however large.
 */
function takeGroup(waiting: Waiting[], underWay: ReadonlySet<string>): readonly Waiting[] {
  const group: Waiting[] = [];
  const streams = new Set(underWay);
  let parts = 0;
  for (let place = 0; place < waiting.length && group.length < groupLengthMax.batches; ) {
    const next = waiting[place];
    if (next === undefined || streams.has(streamOf(next))) {
      place += 1;
      continue;
    }
    parts += partsOf(next.telemetry.batch);
    if (group.length > 0 && parts > groupLengthMax.parts) break;
    streams.add(streamOf(next));
    waiting.splice(place, 1);
    group.push(next);
  }
  return group;
}

/** How much a batch of any shape holds, as far as its lists tell. */
function partsOf(batch: unknown): number {
  const lists = typeof batch === "object" && batch !== null ? Object.values(batch) : [];
  return lists.reduce((sum: number, list) => sum + (Array.isArray(list) ? list.length : 0), 0);
}

/** Never rejects. What one agent told may be what cannot be stored, so each is tried alone then. */
async function storeGroup(group: readonly Waiting[]): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  if (group.length > 1) {
    try {
      const { connection: _, ...ctx } = first.ctx;
      const answers = await storeTogether(
        ctx,
        group.map(({ telemetry, ctx: { connection = null } }) => ({ telemetry, connection })),
      );
      for (const [place, { resolve, reject }] of group.entries()) {
        const answer = answers[place];
        if (answer === undefined || answer instanceof ConnectionOverError) reject(answer);
        else resolve(answer);
      }
      return;
    } catch {
      // Told by those below that fail alone as well.
    }
  }
  for (const { ctx, telemetry, resolve, reject } of group)
    await storeTelemetry(ctx, telemetry).then(resolve, reject);
}
