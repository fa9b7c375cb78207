import { randomUUID } from "node:crypto";
import type { DeliveryBatch, TrackerChanges, TrackerState } from "@mailstead/core/delivery";
import { z } from "zod";
import { type DatabaseSync, openDatabase } from "../platform/sqlite.ts";

/** Where reading the log goes on, and what is known of the messages that it has told of. */
export interface ReadState {
  /** Which log was read, and where in it the next reading begins; null before the first. */
  readonly position: { readonly source: string; readonly cursor: string } | null;
  readonly tracker: TrackerState;
}

/** What one reading of the log came to; kept whole or not at all. */
export interface Reading {
  readonly position: NonNullable<ReadState["position"]>;
  readonly changes: TrackerChanges;
  readonly batches: readonly DeliveryBatch[];
}

/** A batch that waits to be sent. */
export interface SpooledBatch {
  readonly epoch: string;
  readonly sequence: number;
  readonly batch: unknown;
}

/** What waits while nobody takes it; the oldest goes first. Results of jobs lie elsewhere and are never dropped. */
export const spoolMaxBytes = 64 * 1_048_576;

const schemaSql = `
create table if not exists facts (name text primary key, value text not null) strict, without rowid;
create table if not exists messages (queue_id text primary key, body text not null) strict, without rowid;
create table if not exists spool (sequence integer primary key, batch text not null) strict;
`;

const positionSchema = z.object({ source: z.string(), cursor: z.string() });
const textRow = z.object({ value: z.string() });
const messageRow = z.object({ body: z.string() });
const spoolRow = z.object({ sequence: z.int(), batch: z.string() });

/** Reads where the last reading ended. The state of a host that was never read is empty. */
export function readReadState(path: string): Promise<ReadState> {
  return withStore(path, (database) => ({
    position: parsePosition(readFact(database, "position")),
    tracker: {
      messages: database
        .prepare("select body from messages")
        .all()
        .map((row) => JSON.parse(messageRow.parse(row).body)),
      sessions: JSON.parse(readFact(database, "sessions") ?? "[]"),
    },
  }));
}

/**
 * Keeps a reading: the cursor, what is followed now and the batches, in one transaction, so that each line of the log
 * counts once wherever the agent is killed. Returns how many batches were dropped because nobody had taken them for long.
 */
export function keepReading(path: string, { position, changes, batches }: Reading): Promise<number> {
  return withStore(path, (database) =>
    inTransaction(database, () => {
      writeFact(database, "position", JSON.stringify(position));
      writeFact(database, "sessions", JSON.stringify(changes.sessions));
      const put = database.prepare("insert or replace into messages values (?, ?)");
      for (const message of changes.messages) put.run(message.queueId, JSON.stringify(message));
      const remove = database.prepare("delete from messages where queue_id = ?");
      for (const queueId of changes.gone) remove.run(queueId);
      spool(database, batches);
      return dropOldest(database);
    }),
  );
}

/** The oldest batch that waits; null when none does. */
export function readFirstBatch(path: string): Promise<SpooledBatch | null> {
  return withStore(path, (database) => {
    const row = database.prepare("select sequence, batch from spool order by sequence limit 1").get();
    if (row === undefined) return null;
    const { sequence, batch } = spoolRow.parse(row);
    return { epoch: inTransaction(database, () => epochOf(database)), sequence, batch: JSON.parse(batch) };
  });
}

/**
 * Forgets what is stored elsewhere. A number that was never given here tells that this host went back to an earlier
 * state: then its numbers begin anew in another epoch, with what still waits.
 */
export function forgetStored(path: string, stored: { epoch: string; sequence: number }): Promise<void> {
  return withStore(path, (database) =>
    inTransaction(database, () => {
      if (stored.epoch !== readFact(database, "epoch")) return;
      if (stored.sequence < nextSequence(database)) {
        database.prepare("delete from spool where sequence <= ?").run(stored.sequence);
        return;
      }
      const waiting = database.prepare("select sequence, batch from spool order by sequence").all();
      database.exec("delete from spool");
      writeFact(database, "epoch", randomUUID());
      writeFact(database, "next", "1");
      spool(
        database,
        waiting.map((row) => JSON.parse(spoolRow.parse(row).batch) as DeliveryBatch),
      );
    }),
  );
}

function spool(database: DatabaseSync, batches: readonly DeliveryBatch[]): void {
  const add = database.prepare("insert into spool values (?, ?)");
  let sequence = nextSequence(database);
  for (const batch of batches) add.run(sequence++, JSON.stringify(batch));
  writeFact(database, "next", String(sequence));
}

function dropOldest(database: DatabaseSync): number {
  const { changes } = database
    .prepare(
      `delete from spool where sequence in (select sequence from
        (select sequence, sum(length(batch)) over (order by sequence desc) as size from spool) where size > ?)`,
    )
    .run(spoolMaxBytes);
  return Number(changes);
}

function parsePosition(text: string | null): ReadState["position"] {
  return text === null ? null : positionSchema.parse(JSON.parse(text));
}

function nextSequence(database: DatabaseSync): number {
  return Number(readFact(database, "next") ?? "1");
}

function epochOf(database: DatabaseSync): string {
  const known = readFact(database, "epoch");
  if (known !== null) return known;
  const epoch = randomUUID();
  writeFact(database, "epoch", epoch);
  return epoch;
}

function readFact(database: DatabaseSync, name: string): string | null {
  const row = database.prepare("select value from facts where name = ?").get(name);
  // Node says undefined where bun says null.
  return row == null ? null : textRow.parse(row).value;
}

function writeFact(database: DatabaseSync, name: string, value: string): void {
  database.prepare("insert or replace into facts values (?, ?)").run(name, value);
}

function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("begin immediate");
  try {
    const result = work();
    database.exec("commit");
    return result;
  } catch (error) {
    database.exec("rollback");
    throw error;
  }
}

async function withStore<T>(path: string, work: (database: DatabaseSync) => T): Promise<T> {
  const database = await openDatabase(path);
  try {
    database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000");
    database.exec(schemaSql);
    return work(database);
  } finally {
    database.close();
  }
}
