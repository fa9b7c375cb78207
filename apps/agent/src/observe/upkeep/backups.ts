import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { backupMarks, type HostBackup } from "@mailstead/core/servers";
import { isMissing, pathExists } from "../../platform/files.ts";
import type { Host } from "../../platform/host.ts";
import { dayOf, modifiedAtMs } from "./told-day.ts";

/**
 * Where backup programs of root write when they have made a backup: borg the time of a repository's last manifest,
 * restic a copy of each snapshot, duplicity its manifests. Looking into one's own repository changes none of these.
 */
const traces = [
  { by: "borg", folder: "/root/.config/borg/security", under: ["*", "manifest-timestamp"] },
  { by: "restic", folder: "/root/.cache/restic", under: ["*", "snapshots", "*"] },
  { by: "duplicity", folder: "/root/.cache/duplicity", under: ["*"] },
] as const;

// A repository has 256 folders of snapshots at most, and a host few repositories.
const pathsMax = 2_000;

/** The last backup that left a trace on the host, or the owner's word that it is made elsewhere. */
export async function readBackups(host: Host): Promise<HostBackup> {
  if (await pathExists(host.path(backupMarks.elsewhere))) return { kind: "elsewhere" };
  const found = await Promise.all([
    lastOf(host, backupMarks.made, [host.path(backupMarks.made)]),
    ...traces.map(async ({ by, folder, under }) =>
      lastOf(host, by, await filesUnder(host.path(folder), under)),
    ),
  ]);
  const [latest] = found.flatMap((one) => one ?? []).sort((left, right) => right.atMs - left.atMs);
  return latest === undefined
    ? { kind: "unknown" }
    : { kind: "made", by: latest.by, lastOn: dayOf(latest.atMs) };
}

async function lastOf(
  host: Host,
  by: string,
  paths: readonly string[],
): Promise<{ by: string; atMs: number } | null> {
  const moments = await Promise.all(paths.map(modifiedAtMs));
  // A file that somebody dated into the future says nothing of the past.
  const past = moments.flatMap((at) => (at === null || at > host.nowUnixMs() ? [] : [at]));
  return past.length === 0 ? null : { by, atMs: Math.max(...past) };
}

/** Files and folders whose way from the folder matches these names, where * is any. */
async function filesUnder(folder: string, [name, ...rest]: readonly string[]): Promise<string[]> {
  if (name === undefined) return [folder];
  const names = name === "*" ? await namesIn(folder) : [name];
  const found: string[] = [];
  for (const one of names) {
    if (found.length >= pathsMax) break;
    found.push(...(await filesUnder(join(folder, one), rest)));
  }
  return found.slice(0, pathsMax);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
