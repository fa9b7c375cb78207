import type { TelemetryStream } from "@mailstead/core/wire";
import type { DatabaseSync } from "../platform/sqlite.ts";
import { epochOf, spoolBatches } from "./spool.ts";
import { inTransaction, readFact, withStore, writeFact } from "./store.ts";

/** What a stream's reader kept of its last reading, as it wrote it; null before the first. */
export function readStreamState(path: string, stream: TelemetryStream): Promise<string | null> {
  return withStore(path, (database) => readFact(database, `state ${stream}`));
}

/** The epoch in which a stream's numbers go on: another one where the host lost what it had told, or went back. */
export function readStreamEpoch(path: string, stream: TelemetryStream): Promise<string> {
  return withStore(path, (database) => inTransaction(database, () => epochOf(database, stream)));
}

/**
 * Keeps how far a reader has come together with what it has to tell, so that each thing is told once wherever the agent
 * is killed. Returns how many old batches of any stream were dropped because nobody had taken them for long.
 */
export function keepStream(
  path: string,
  stream: TelemetryStream,
  {
    state,
    batches,
    learn,
  }: {
    state: string;
    batches: readonly unknown[];
    /** Keeps what the host alone remembers of it, in the same transaction. */
    learn?: (database: DatabaseSync) => void;
  },
): Promise<number> {
  return withStore(path, (database) =>
    inTransaction(database, () => {
      writeFact(database, `state ${stream}`, state);
      learn?.(database);
      return spoolBatches(database, stream, batches);
    }),
  );
}
