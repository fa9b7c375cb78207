import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface FileLock {
  release(): void;
}

/**
 * Takes the lock of a path, or returns the number of the process that holds it, as that process counts. The kernel
 * holds the lock and drops it with the process, so neither a kill nor a container with process numbers of its own can
 * make it lie.
 */
export function tryLock(path: string): FileLock | { heldBy: number } {
  const database = lockDatabase(path);
  if (database === null) return { heldBy: Number(readIfExists(path)) };
  writeFileSync(path, `${process.pid}\n`, { mode: 0o600 });
  return {
    release() {
      rmSync(path, { force: true });
      unlock(database);
    },
  };
}

export function isLockHeld(path: string): boolean {
  const database = lockDatabase(path);
  if (database === null) return true;
  unlock(database);
  return false;
}

/** Runs `work` alone among all processes that use the same lock file. Throws when `signal` is aborted while it waits. */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    const lock = tryLock(path);
    if ("release" in lock) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

// Long enough that somebody who only looks is not taken for a holder, and that a holder has written its number.
const busyTimeoutMs = 30;
const sqliteBusy = 5;
// A database that is collected as garbage is closed, and closing drops the lock.
const held = new Set<DatabaseSync>();

/**
 * Node offers no lock of files. SQLite takes one by fcntl(2) on the file beside the path, which stays empty and is left
 * there: who removed it would let two processes lock two files of one name. Null when another process has it.
 */
function lockDatabase(path: string): DatabaseSync | null {
  const lockPath = `${path}.lock`;
  for (;;) {
    // Its own complaint about a missing folder names neither folder nor cause.
    statSync(dirname(lockPath));
    const database = new DatabaseSync(lockPath);
    try {
      const { ino } = statSync(lockPath);
      database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
      database.exec("BEGIN EXCLUSIVE");
      // The whole folder may have been removed, and made anew, while this process waited.
      if (statSync(lockPath).ino === ino) {
        held.add(database);
        return database;
      }
      database.close();
    } catch (error) {
      database.close();
      if ((error as { errcode?: unknown }).errcode === sqliteBusy) return null;
      throw error;
    }
  }
}

function unlock(database: DatabaseSync): void {
  held.delete(database);
  database.close();
}

function readIfExists(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
