import { randomUUID } from "node:crypto";
import type { TelemetryStream } from "@mailstead/core/wire";
import { z } from "zod";
import type { DatabaseSync } from "../platform/sqlite.ts";
import { inTransaction, readFact, statement, withStore, writeFact } from "./store.ts";

/** A batch that waits to be sent. */
export interface SpooledBatch {
  readonly epoch: string;
  readonly sequence: number;
  readonly batch: unknown;
}

/** What waits of all streams while nobody takes it; the oldest goes first. Results of jobs lie elsewhere and are never dropped. */
export const spoolMaxBytes = 64 * 1_048_576;

const spoolRow = z.object({ sequence: z.int(), batch: z.string() });

/**
 * Gives batches their numbers and lets them wait, in a transaction that the caller has begun. Returns how many old ones
 * were dropped because nobody had taken them for long.
 */
export function spoolBatches(
  database: DatabaseSync,
  stream: TelemetryStream,
  batches: readonly unknown[],
): number {
  const add = statement(database, "insert into spool (stream, sequence, batch) values (?, ?, ?)");
  let sequence = nextSequence(database, stream);
  for (const batch of batches) add.run(stream, sequence++, JSON.stringify(batch));
  writeFact(database, `next ${stream}`, String(sequence));
  return batches.length === 0 ? 0 : dropOldest(database);
}

/** The oldest batch of a stream that waits; null when none does. */
export function readFirstBatch(path: string, stream: TelemetryStream): Promise<SpooledBatch | null> {
  return withStore(path, (database) => {
    const row = statement(
      database,
      "select sequence, batch from spool where stream = ? order by sequence limit 1",
    ).get(stream);
    // Node says undefined where bun says null.
    if (row == null) return null;
    const { sequence, batch } = spoolRow.parse(row);
    const epoch = inTransaction(database, () => epochOf(database, stream));
    return { epoch, sequence, batch: JSON.parse(batch) };
  });
}

/**
 * Forgets what is stored elsewhere. A number that was never given here tells that this host went back to an earlier
 * state: then the stream's numbers begin anew in another epoch, with what still waits.
 */
export function forgetStored(
  path: string,
  { stream, ...stored }: { stream: TelemetryStream; epoch: string; sequence: number },
): Promise<void> {
  return withStore(path, (database) =>
    inTransaction(database, () => {
      if (stored.epoch !== readFact(database, `epoch ${stream}`)) return;
      if (stored.sequence < nextSequence(database, stream)) {
        statement(database, "delete from spool where stream = ? and sequence <= ?").run(
          stream,
          stored.sequence,
        );
        return;
      }
      const waiting = statement(
        database,
        "select sequence, batch from spool where stream = ? order by sequence",
      )
        .all(stream)
        .map((row) => JSON.parse(spoolRow.parse(row).batch) as unknown);
      statement(database, "delete from spool where stream = ?").run(stream);
      writeFact(database, `epoch ${stream}`, randomUUID());
      writeFact(database, `next ${stream}`, "1");
      spoolBatches(database, stream, waiting);
    }),
  );
}

function dropOldest(database: DatabaseSync): number {
  const { changes } = statement(
    database,
    `delete from spool where number in (select number from
        (select number, sum(length(batch)) over (order by number desc) as size from spool) where size > ?)`,
  ).run(spoolMaxBytes);
  return Number(changes);
}

function nextSequence(database: DatabaseSync, stream: TelemetryStream): number {
  return Number(readFact(database, `next ${stream}`) ?? "1");
}

/** The epoch in which a stream's numbers go on, in a transaction that the caller has begun. */
export function epochOf(database: DatabaseSync, stream: TelemetryStream): string {
  const known = readFact(database, `epoch ${stream}`);
  if (known !== null) return known;
  const epoch = randomUUID();
  writeFact(database, `epoch ${stream}`, epoch);
  return epoch;
}
