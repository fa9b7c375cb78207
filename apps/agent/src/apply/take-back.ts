import { dirname } from "node:path";
import type { StackService } from "@mailstead/core/converge";
import type { JobContext } from "../jobs/job-context.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import type { Undo } from "../journal/record.ts";
import { readUnits } from "../observe/units.ts";
import { removeFile, sweepFolder } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { readAppliedDigests, recordAppliedDigests } from "./applied-digests.ts";
import { putBack } from "./back-up.ts";
import { restoreLinks } from "./install-certificates.ts";
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
    case "host-restart":
      return null;
    case "package-work":
      await awaitPackageWork(host, undo.unit, job);
      return null;
    case "restore-links":
      return await restoreLinks(host, undo);
    case "restore-files": {
      const problems = await restoreFiles(host, undo);
      const left = await bringBack(host, undo);
      if (left !== null) problems.push(left);
      return problems.length === 0 ? null : problems.join(", and ");
    }
  }
}

/** The error of a job whose open step could not be taken back; `first` is what had gone wrong before. */
export function stillOpen(failure: unknown, first?: unknown): JobFailure {
  const [why, before] = [sentenceOf(failure), first === undefined ? "" : sentenceOf(first)];
  const open =
    "What was begun is still half done; it is seen to again every few minutes, when the agent starts and before the next converge";
  const sentence = why === before ? `${why} ${open}.` : `${before} ${open}: ${why}`.trim();
  return new JobFailure(sentence, {
    retry: first instanceof JobFailure ? first.retry : "temporary",
    cause: failure,
  });
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type RestoreFiles = Extract<Undo, { kind: "restore-files" }>;

/** Returns what could not be put back, as sentences. */
async function restoreFiles(host: Host, undo: RestoreFiles): Promise<string[]> {
  const problems: string[] = [];
  const restored: Record<string, string | null> = {};
  for (const file of undo.files) {
    const { path, backupPath, appliedDigest } = file;
    if (backupPath === null) await removeFile(host.path(path));
    const problem = backupPath === null ? null : await putBack(host, { ...file, backupPath });
    if (problem !== null) problems.push(problem);
    // Of a file that was not put back nobody can say who wrote it last, so that the next converge writes it anew.
    restored[path] = problem === null ? appliedDigest : null;
  }
  for (const folder of new Set(undo.files.map(({ path }) => dirname(host.path(path)))))
    await sweepFolder(folder);
  const digests = await readAppliedDigests(host);
  const changed = Object.entries(restored).filter(([path, digest]) => (digests[path] ?? null) !== digest);
  if (changed.length > 0) await recordAppliedDigests(host, Object.fromEntries(changed));
  return problems;
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
