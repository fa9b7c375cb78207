import {
  clearProbeAccounts,
  type DirectoryChange,
  type DirectoryStatement,
  directoryPositionSql,
  directoryPositionStatement,
  directoryResetStatements,
  directorySchemaSql,
  directoryStatements,
  directoryWriterPragmas,
  type ProbeAccount,
  pendingSignOutSql,
  probeAccountsSql,
  putProbeAccount,
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
 * Writes changes and their new head in one transaction: readers see all of it or nothing. The same transaction notes
 * the addresses whose sign-in of before no longer holds: deleted, disabled, made anew, or given another password.
 */
export async function writeDirectory(
  path: string,
  batch: { isNewEpoch: boolean; changes: readonly DirectoryChange[]; head: DirectoryHead },
): Promise<void> {
  await withDatabase(path, (database) => {
    // A directory that an older agent made lacks the tables that have been added since.
    database.exec(directorySchemaSql);
    const run = statementRunner(database);
    database.exec("BEGIN IMMEDIATE");
    try {
      const before = readSignIns(database, batch);
      if (batch.isNewEpoch) for (const statement of directoryResetStatements) run(statement);
      for (const change of batch.changes) for (const statement of directoryStatements(change)) run(statement);
      run(directoryPositionStatement(batch.head));
      const after = readSignIns(database, batch);
      for (const [address, credential] of before)
        if (after.get(address) !== credential) run({ sql: pendingSignOutSql.add, parameters: [address] });
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  });
}

/** Sightings older than this are forgotten: the domain's mail may have moved, or nobody writes there any more. */
const seenKeptDays = 90;
const dayMs = 86_400_000;

const seenRowSchema = z.object({ provider: z.string(), seen_on: z.string() }).optional();

/**
 * Notes which provider received for which domains, and forgets what was seen long ago. What is known already is not
 * written again on the same day, because each commit locks Postfix and Dovecot out for a moment.
 */
export async function noteProviderDomains(
  path: string,
  seen: ReadonlyMap<string, string>,
  now: Date,
): Promise<void> {
  const today = now.toISOString().slice(0, 10);
  await withDatabase(path, (database) => {
    database.exec(directorySchemaSql);
    const find = database.prepare("SELECT provider, seen_on FROM provider_domains WHERE name = ?");
    const fresh = [...seen].filter(([name, provider]) => {
      const row = seenRowSchema.parse(find.get(name));
      return row?.provider !== provider || row.seen_on !== today;
    });
    if (fresh.length === 0) return;
    const write = database.prepare(
      "INSERT INTO provider_domains (name, provider, seen_on) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET provider = excluded.provider, seen_on = excluded.seen_on",
    );
    database.exec("BEGIN IMMEDIATE");
    try {
      for (const [name, provider] of fresh) write.run(name, provider, today);
      database
        .prepare("DELETE FROM provider_domains WHERE seen_on < ?")
        .run(new Date(now.getTime() - seenKeptDays * dayMs).toISOString().slice(0, 10));
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  });
}

export interface PendingSignOuts {
  addresses: readonly string[];
  /** Number of the last one, by which they are removed. */
  upToNumber: number;
}

const pendingSignOutsSchema = z.array(z.object({ number: z.int(), address: z.string() }));

/** Whose sessions are still to be ended. */
export async function readPendingSignOuts(path: string): Promise<PendingSignOuts> {
  return await withDatabase(path, (database) => {
    database.exec(directorySchemaSql);
    const rows = pendingSignOutsSchema.parse(database.prepare(pendingSignOutSql.all).all());
    return {
      addresses: [...new Set(rows.map(({ address }) => address))],
      upToNumber: rows.at(-1)?.number ?? 0,
    };
  });
}

/** Forgets those whose sessions were ended; what was noted since stays. */
export async function removePendingSignOuts(path: string, { upToNumber }: PendingSignOuts): Promise<void> {
  await withDatabase(path, (database) => {
    database.prepare(pendingSignOutSql.removeUpTo).run(upToNumber);
  });
}

const addressesSchema = z.array(z.object({ address: z.string() }));

/** Puts in the account by which the host tries its own mail, in the place of any that a try has left. */
export async function putProbe(path: string, account: ProbeAccount): Promise<void> {
  await runStatements(path, putProbeAccount(account));
}

/** Takes out what tries of the host's own mail have put in. */
export async function takeOutProbes(path: string): Promise<void> {
  await runStatements(path, clearProbeAccounts);
}

/** Addresses of the accounts by which the host tries its own mail now, or tried it and was killed. */
export async function readProbes(path: string): Promise<readonly string[]> {
  return await withDatabase(path, (database) =>
    addressesSchema.parse(database.prepare(probeAccountsSql).all()).map(({ address }) => address),
  );
}

async function runStatements(path: string, statements: readonly DirectoryStatement[]): Promise<void> {
  await withDatabase(path, (database) => {
    const run = statementRunner(database);
    database.exec("BEGIN IMMEDIATE");
    try {
      for (const statement of statements) run(statement);
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
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
