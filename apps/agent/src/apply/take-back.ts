import { chmod, copyFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { StackService } from "@mailstead/core/converge";
import type { JobContext } from "../jobs/job-context.ts";
import type { Undo } from "../journal/record.ts";
import { readUnits } from "../observe/units.ts";
import {
  isDiskFull,
  isMissing,
  removeFile,
  sweepFolder,
  syncFolder,
  temporaryName,
} from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { readAppliedDigests, recordAppliedDigests } from "./applied-digests.ts";
import { awaitPackageWork } from "./package-work.ts";
import { serviceProblem } from "./service-health.ts";

/**
 * Takes back a step that was begun, from what the journal holds of it; can be repeated. Returns what is still wrong
 * afterwards as a sentence, or null when the services run as before.
 */
export async function takeBack(
  host: Host,
  undo: Undo,
  job: Pick<JobContext, "signal" | "logLine">,
): Promise<string | null> {
  switch (undo.kind) {
    case "none":
    case "service-restart":
      return null;
    case "package-work":
      await awaitPackageWork(host, undo.unit, job);
      return null;
    case "restore-files":
      await restoreFiles(host, undo);
      return await bringBack(host, undo);
  }
}

type RestoreFiles = Extract<Undo, { kind: "restore-files" }>;

async function restoreFiles(host: Host, undo: RestoreFiles): Promise<void> {
  for (const { path, backupPath } of undo.files) {
    const realPath = host.path(path);
    if (backupPath === null) await removeFile(realPath);
    else await putBack(host, host.path(backupPath), realPath);
  }
  for (const folder of new Set(undo.files.map(({ path }) => dirname(host.path(path)))))
    await sweepFolder(folder);
  const digests = await readAppliedDigests(host);
  const changed = undo.files.filter(({ path, appliedDigest }) => (digests[path] ?? null) !== appliedDigest);
  if (changed.length === 0) return;
  await recordAppliedDigests(
    host,
    Object.fromEntries(changed.map(({ path, appliedDigest }) => [path, appliedDigest])),
  );
}

async function putBack(host: Host, backupPath: string, path: string): Promise<void> {
  const temporaryPath = temporaryName(path);
  try {
    await copyWithOwner(host, backupPath, temporaryPath);
    await rename(temporaryPath, path);
  } catch (error) {
    await rm(temporaryPath, { force: true });
    // An earlier try has moved the copy itself into its place.
    if (isMissing(error)) return;
    if (!isDiskFull(error)) throw error;
    await rename(backupPath, path);
  }
  await syncFolder(dirname(path));
}

/** Copies a file with its owner and mode, so that it can stand in for the original. */
export async function copyWithOwner(host: Host, from: string, to: string): Promise<void> {
  const { mode } = await stat(from);
  await copyFile(from, to);
  await chmod(to, mode & 0o7777);
  await host.setOwner(to, await host.ownerOf(from));
}

async function bringBack(host: Host, undo: RestoreFiles): Promise<string | null> {
  await reloadManager(
    host,
    undo.files.map(({ path }) => path),
  );
  const states = await readUnits(host, undo.units);
  const units = undo.units.filter((unit) => states[unit]?.isActive || states[unit]?.isFailed);
  if (units.length === 0) return null;
  await host.run(["systemctl", "reset-failed", "--", ...units]);
  if (undo.activation !== "none")
    await host.run(["systemctl", activationVerb(undo.activation), "--", ...units]);
  return await serviceProblem(host, { service: undo.service as StackService, units });
}

/** What systemctl is told so that a service takes up its files: sockets that it binds need a restart, both ways. */
export function activationVerb(
  activation: "reload" | "restart" | undefined,
): "restart" | "reload-or-restart" {
  return activation === "restart" ? "restart" : "reload-or-restart";
}

/** Has systemd read its unit files again when one of these paths is one. */
export async function reloadManager(host: Host, paths: readonly string[]): Promise<void> {
  if (paths.some((path) => path.startsWith("/etc/systemd/"))) await host.run(["systemctl", "daemon-reload"]);
}
