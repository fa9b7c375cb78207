import type { TelemetryStream } from "@mailstead/core/wire";
import { spoolBatches } from "../spool.ts";
import { inTransaction, withStore, writeFact } from "../store.ts";

/** Something to tell, under names of which one alone says that it was told before. */
export interface OnceTold<Batch> {
  readonly keys: readonly string[];
  readonly batches: readonly Batch[];
}

/**
 * Spools what was not told before and keeps its names, in one transaction, so that a thing that is read again after a
 * kill, or that arrives twice, is told once. Returns how many old batches of any stream were dropped.
 */
export function tellOnce(
  path: string,
  stream: TelemetryStream,
  {
    things,
    state,
    nowMs,
    forgetAfterMs,
  }: {
    things: readonly OnceTold<unknown>[];
    state: string;
    nowMs: number;
    forgetAfterMs: number;
  },
): Promise<number> {
  return withStore(path, (database) =>
    inTransaction(database, () => {
      writeFact(database, `state ${stream}`, state);
      database.prepare("delete from told where stream = ? and at < ?").run(stream, nowMs - forgetAfterMs);
      const known = database.prepare("select 1 from told where stream = ? and key = ?");
      const note = database.prepare("insert or replace into told (stream, key, at) values (?, ?, ?)");
      const fresh: unknown[] = [];
      for (const { keys, batches } of things) {
        const wasTold = keys.some((key) => known.get(stream, key) != null);
        if (!wasTold) fresh.push(...batches);
        for (const key of keys) note.run(stream, key, nowMs);
      }
      return spoolBatches(database, stream, fresh);
    }),
  );
}
