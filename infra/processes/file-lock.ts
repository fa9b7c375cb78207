import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { identifyProcess } from "./process-identity.ts";

export interface FileLock {
  release(): void;
}

/** Takes the lock file, or returns the pid of the living process that holds it. The lock of a dead process is taken over. */
export function tryLock(path: string): FileLock | { heldBy: number } {
  const mine = `${process.pid} ${identifyProcess(process.pid)} ${randomUUID()}\n`;
  for (;;) {
    try {
      writeFileSync(path, mine, { flag: "wx", mode: 0o600 });
      return { release: () => releaseLock(path, mine) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = livingHolder(path);
    if (holder !== null) return { heldBy: holder };
    removeStaleLock(path);
  }
}

export function isLockHeld(path: string): boolean {
  return livingHolder(path) !== null;
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

function livingHolder(path: string): number | null {
  const [pid, identity] = (readIfExists(path) ?? "").split(" ");
  return identity && identifyProcess(Number(pid)) === identity ? Number(pid) : null;
}

/** Renaming first decides between two processes that both saw the stale lock; a fresh lock caught by mistake is put back. */
function removeStaleLock(path: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (livingHolder(aside) !== null) linkSync(aside, path);
  rmSync(aside, { force: true });
}

function releaseLock(path: string, mine: string): void {
  if (readIfExists(path) === mine) rmSync(path, { force: true });
}

function readIfExists(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
