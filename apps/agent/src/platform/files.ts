import { randomBytes } from "node:crypto";
import { lstat, mkdir, open, readdir, readFile, rename, rm, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** The text of a file, or null when there is none. */
export async function readTextIfExists(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** True for the error of a path that does not exist. */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** True for the error of a file system without room. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === "ENOSPC" || code === "EDQUOT";
}

export interface WriteOptions {
  mode: number;
  /** Called on the new file before it takes the old one's place. */
  prepare?: (temporaryPath: string) => Promise<void>;
}

/** Replaces a file whole: readers see the old text or the new, also after a power cut. Makes the folder when missing. */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  options: WriteOptions,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporaryPath = temporaryName(path);
  try {
    const file = await open(temporaryPath, "wx", options.mode);
    try {
      await file.writeFile(content);
      // The mode given to open() is cut by the umask.
      await file.chmod(options.mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await options.prepare?.(temporaryPath);
    await rename(temporaryPath, path);
  } catch (error) {
    // What went wrong first is what the reader must learn of.
    await rm(temporaryPath, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** A name beside `path` that no service reads: hidden, and without the ending that include patterns look for. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.mailstead-${randomBytes(6).toString("hex")}`);
}

/** Removes what a write that was cut short has left in a folder. */
export async function sweepFolder(folder: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  for (const name of names)
    if (/^\..+\.mailstead-[0-9a-f]{12}$/.test(name)) await rm(join(folder, name), { force: true });
}

/** Makes a rename or an unlink in this folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  await syncPath(path);
}

/** Makes what a file holds, or which names a folder has, survive a power cut (fsync(2)). */
export async function syncPath(path: string): Promise<void> {
  const opened = await open(path, "r");
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** Removes a file durably; says whether there was one. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  await syncFolder(dirname(path));
  return true;
}

/** True when something, also a broken link, has this name. */
export async function pathExists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
