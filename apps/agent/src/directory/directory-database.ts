import {
  type DirectoryChange,
  type DirectoryStatement,
  directoryPositionSql,
  directoryPositionStatement,
  directoryResetStatements,
  directorySchemaSql,
  directoryStatements,
  directoryWriterPragmas,
  signInSql,
} from "@mailstead/core/mailboxes";
import { z } from "zod";
import { type DatabaseSync, openDatabase } from "../platform/sqlite.ts";

/** How far a directory has come, and the head of the hash chain there. */
export interface DirectoryHead {
  epoch: number;
  revision: number;
  chain: string;
}

const headSchema = z.object({ epoch: z.int(), revision: z.int(), chain: z.string() });

/** Makes the file with its tables; the rows of one that exists stay. */
export async function createDirectory(path: string): Promise<void> {
  await withDatabase(path, (database) => database.exec(directorySchemaSql));
}

/** Reads how far the directory has come. Throws when the file is missing or damaged. */
export async function readDirectoryHead(path: string): Promise<DirectoryHead> {
  return await withDatabase(path, (database) =>
    headSchema.parse(database.prepare(directoryPositionSql).get()),
  );
}

/**
 * Writes changes and their new head in one transaction: readers see all of it or nothing. Returns the addresses whose
 * sign-in of before no longer holds: deleted, disabled, made anew, or given another password.
 */
export async function writeDirectory(
  path: string,
  batch: { isNewEpoch: boolean; changes: readonly DirectoryChange[]; head: DirectoryHead },
): Promise<readonly string[]> {
  return await withDatabase(path, (database) => {
    const run = statementRunner(database);
    const before = readSignIns(database, batch);
    database.exec("BEGIN IMMEDIATE");
    try {
      if (batch.isNewEpoch) for (const statement of directoryResetStatements) run(statement);
      for (const change of batch.changes) for (const statement of directoryStatements(change)) run(statement);
      run(directoryPositionStatement(batch.head));
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
    const after = readSignIns(database, batch);
    return [...before].flatMap(([address, credential]) =>
      after.get(address) === credential ? [] : [address],
    );
  });
}

const signInsSchema = z.array(z.object({ address: z.string(), credential: z.string() }));

/** What lets people sign in, by address, for those that a batch can touch. */
function readSignIns(
  database: DatabaseSync,
  { isNewEpoch, changes }: { isNewEpoch: boolean; changes: readonly DirectoryChange[] },
): Map<string, string> {
  const one = database.prepare(signInSql.one);
  const rows = isNewEpoch
    ? database.prepare(signInSql.all).all()
    : changes.flatMap(({ entryKind, key }) => (entryKind === "mailbox" ? one.all(key) : []));
  return new Map(signInsSchema.parse(rows).map(({ address, credential }) => [address, credential]));
}

async function withDatabase<T>(path: string, work: (database: DatabaseSync) => T): Promise<T> {
  const database = await openDatabase(path);
  try {
    for (const pragma of directoryWriterPragmas) database.exec(pragma);
    return work(database);
  } finally {
    database.close();
  }
}

/** Prepares each text once, however many changes use it. */
function statementRunner(database: DatabaseSync): (statement: DirectoryStatement) => void {
  const prepared = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  return ({ sql, parameters }) => {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      prepared.set(sql, statement);
    }
    statement.run(...parameters);
  };
}
