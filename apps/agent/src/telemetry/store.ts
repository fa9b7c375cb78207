import { z } from "zod";
import { type DatabaseSync, openDatabase } from "../platform/sqlite.ts";

const schemaSql = `
create table if not exists facts (name text primary key, value text not null) strict, without rowid;
create table if not exists messages (queue_id text primary key, body text not null) strict, without rowid;
create table if not exists told (stream text, key text, at integer not null, primary key (stream, key)) strict, without rowid;
create table if not exists spool (
  number integer primary key,
  stream text not null,
  sequence integer not null,
  batch text not null,
  unique (stream, sequence)
) strict;
`;

const textRow = z.object({ value: z.string() });

/** Opens the file in which a host keeps what it has to tell, and closes it after the work. Throws what SQLite throws. */
export async function withStore<T>(path: string, work: (database: DatabaseSync) => T): Promise<T> {
  const database = await openDatabase(path);
  try {
    database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000");
    database.exec(schemaSql);
    return work(database);
  } finally {
    database.close();
  }
}

/** Keeps all that the work writes, or nothing of it. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
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

/** A text that is kept by name; null where none is. */
export function readFact(database: DatabaseSync, name: string): string | null {
  const row = database.prepare("select value from facts where name = ?").get(name);
  // Node says undefined where bun says null.
  return row == null ? null : textRow.parse(row).value;
}

export function writeFact(database: DatabaseSync, name: string, value: string): void {
  database.prepare("insert or replace into facts values (?, ?)").run(name, value);
}
