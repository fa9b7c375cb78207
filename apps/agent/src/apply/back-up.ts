import { chmod, copyFile, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Undo } from "../journal/record.ts";
import { isDiskFull, isMissing, pathExists, temporaryName } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";
import { digestOf, readAppliedDigests } from "./applied-digests.ts";
import { coolMainCf } from "./cool-main-cf.ts";

/** A file as it was before a step, as the journal keeps it. */
export type BackedUpFile = Extract<Undo, { kind: "restore-files" }>["files"][number];

/**
 * Copies files as they are into `folder`, for the way back. The copies are on disk, also after a power cut, when this
 * resolves: the journal's record that names them is, and must not outlive them.
 */
export async function backUp(
  host: Host,
  { folder, paths }: { folder: string; paths: readonly string[] },
): Promise<BackedUpFile[]> {
  await makeFolder(host, folder);
  const digests = await readAppliedDigests(host);
  const files: BackedUpFile[] = [];
  for (const [index, path] of paths.entries()) {
    const backupPath = (await pathExists(host.path(path))) ? join(folder, String(index)) : null;
    if (backupPath !== null) await copyWithOwner(host, host.path(path), host.path(backupPath));
    const backupDigest = backupPath === null ? null : await digestIfExists(host.path(backupPath));
    files.push({ path, backupPath, backupDigest, appliedDigest: digests[path] ?? null });
  }
  await host.sync(host.path(folder));
  return files;
}

/**
 * Puts a file back as it was; can be repeated. Returns null when it stands there again, else a sentence: a copy that is
 * not the one that was made is never put anywhere.
 */
export async function putBack(
  host: Host,
  file: BackedUpFile & { backupPath: string },
): Promise<string | null> {
  const [path, backupPath] = [host.path(file.path), host.path(file.backupPath)];
  const found = await digestIfExists(backupPath);
  const wanted = file.backupDigest ?? found;
  if (found === null) {
    // An earlier try has moved the copy itself into its place.
    if (wanted === null || (await digestIfExists(path)) === wanted) return null;
    return `${file.path} was not put back, because its copy ${file.backupPath} is gone`;
  }
  if (found !== wanted)
    return `${file.path} was not put back, because its copy ${file.backupPath} is damaged`;
  const temporaryPath = temporaryName(path);
  try {
    await copyWithOwner(host, backupPath, temporaryPath);
    await coolMainCf(file.path, temporaryPath);
    await rename(temporaryPath, path);
  } catch (error) {
    await rm(temporaryPath, { force: true });
    if (!isDiskFull(error)) throw error;
    await rename(backupPath, path);
  }
  await host.sync(dirname(path));
  return null;
}

/** Copies a file with its owner and mode, so that it can stand in for the original, and puts the copy on disk. */
async function copyWithOwner(host: Host, from: string, to: string): Promise<void> {
  const { mode } = await stat(from);
  await copyFile(from, to);
  await chmod(to, mode & 0o7777);
  await host.setOwner(to, await host.ownerOf(from));
  await host.sync(to);
}

/** Makes a folder for copies whose name, and those of the folders above it, survive a power cut. */
async function makeFolder(host: Host, folder: string): Promise<void> {
  await mkdir(host.path(folder), { recursive: true, mode: 0o700 });
  // Those that were there already may have been made by a try that was killed before it came to this.
  for (let made = folder; made.startsWith(`${dirname(agentPaths.backups)}/`); made = dirname(made))
    await host.sync(host.path(dirname(made)));
}

async function digestIfExists(path: string): Promise<string | null> {
  try {
    return digestOf(await readFile(path));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
