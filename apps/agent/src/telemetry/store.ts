import { rmSync, statSync } from "node:fs";
import { z } from "zod";
import { type DatabaseSync, openDatabase, type StatementSync } from "../platform/sqlite.ts";
import { traceSchemaSql } from "../trace/trace-schema.ts";

const schemaSql = `
create table if not exists facts (name text primary key, value text not null) strict, without rowid;
create table if not exists messages (queue_id text primary key, body text not null) strict, without rowid;
create table if not exists told (stream text, key text, at integer not null, primary key (stream, key)) strict, without rowid;
create table if not exists accounts (
  address text primary key,
  -- How it sends, as learned.
  record text not null,
  alert text,
  -- What was told of it last.
  told text,
  -- When it last sent, by which those that are gone are forgotten.
  at integer not null
) strict, without rowid;
create table if not exists spool (
  number integer primary key,
  stream text not null,
  sequence integer not null,
  batch text not null,
  unique (stream, sequence)
) strict;
`;

// Keys of the index lie all over it, and pages that are put out are read again; what is kept lies in memory at rest too.
const cacheKib = 4096;

const textRow = z.object({ value: z.string() });

/** A store that is open, and which file that is: another may lie under its name by now. */
interface OpenStore {
  readonly database: DatabaseSync;
  readonly file: string;
  /** Which files SQLite put aside for it, by their names. */
  readonly asides: ReadonlyMap<string, string>;
}

// Opening costs more than most of what is asked of it, and closing writes back all that was put aside.
const openStores = new Map<string, OpenStore>();

/**
 * Works on the file in which a host keeps what it has to tell, which is opened at first use and stays so while all goes well.
 * Throws what SQLite throws.
 */
export async function withStore<T>(path: string, work: (database: DatabaseSync) => T): Promise<T> {
  const known = openStores.get(path);
  if (known !== undefined && known.file !== fileAt(path)) {
    // What is still to be written into the file that lay there before; SQLite would write it into this one. What came
    // with this one is left to it. While the old ones are open, no other file gets their numbers.
    const old = [...known.asides].filter(([aside, file]) => file === "" || fileAt(aside) === file);
    close(path, known);
    for (const [aside] of old) rmSync(aside, { force: true });
  }
  const store = openStores.get(path) ?? (await open(path));
  try {
    return work(store.database);
  } catch (error) {
    close(path, store);
    throw error;
  }
}

async function open(path: string): Promise<OpenStore> {
  const database = await openDatabase(path);
  // Meanwhile somebody else may have opened it.
  const other = openStores.get(path);
  if (other !== undefined) {
    database.close();
    return other;
  }
  try {
    database.exec(
      `pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000; pragma cache_size = -${cacheKib}`,
    );
    database.exec(schemaSql);
    database.exec(traceSchemaSql);
  } catch (error) {
    database.close();
    throw error;
  }
  const asides = new Map(["-wal", "-shm"].map((end) => [`${path}${end}`, fileAt(`${path}${end}`)]));
  const store = { database, file: fileAt(path), asides };
  openStores.set(path, store);
  return store;
}

/** Closes what is open, so that each file is whole without what SQLite puts aside. What is asked for later is opened again. */
export function closeStores(): void {
  for (const [path, store] of [...openStores]) close(path, store);
}

function close(path: string, { database }: OpenStore): void {
  if (openStores.get(path)?.database === database) openStores.delete(path);
  database.close();
}

function fileAt(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.dev} ${found.ino}`;
}

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** A statement of fixed words, prepared once for as long as the store is open. */
export function statement(database: DatabaseSync, sql: string): StatementSync {
  let known = prepared.get(database);
  if (known === undefined) {
    known = new Map();
    prepared.set(database, known);
  }
  let found = known.get(sql);
  if (found === undefined) {
    found = database.prepare(sql);
    known.set(sql, found);
  }
  return found;
}

/** Keeps all that the work writes, or nothing of it. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("begin immediate");
  try {
    const result = work();
    database.exec("commit");
    return result;
  } catch (error) {
    try {
      database.exec("rollback");
    } catch {
      // SQLite has rolled back by itself, as it does where the disk is full. What went wrong before is what tells why.
    }
    throw error;
  }
}

/** A text that is kept by name; null where none is. */
export function readFact(database: DatabaseSync, name: string): string | null {
  const row = statement(database, "select value from facts where name = ?").get(name);
  // Node says undefined where bun says null.
  return row == null ? null : textRow.parse(row).value;
}

export function writeFact(database: DatabaseSync, name: string, value: string): void {
  statement(database, "insert or replace into facts values (?, ?)").run(name, value);
}
