import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Suite } from "@mailstead/core/servers";
import type { ExactPackage } from "@mailstead/core/updates";
import { z } from "zod";
import type { AptContext } from "../apply/apt.ts";
import { isMissing, readTextIfExists, writeFileAtomically } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { parseJson } from "../platform/parse-json.ts";
import { agentPaths } from "../platform/paths.ts";
import { type InstalledPackages, installedOf, installedPackageSchema, keyOf } from "./installed-packages.ts";
import { readBesideConffiles } from "./kept-conffiles.ts";
import { readStackUnits } from "./units-after.ts";

/**
 * What was there before an update touched anything. It lies on the disk, so that an agent that was stopped in the middle
 * still knows what has changed and what ran, and so that the way back knows what ran before the way there.
 */
const updateRecordSchema = z.object({
  verb: z.string(),
  /** The packages of the order that were there. */
  packages: z.array(installedPackageSchema),
  /** Packages of the order that apt may remove when nothing needs them any more. */
  automatic: z.array(z.string()),
  runningUnits: z.array(z.string()),
  failedUnits: z.array(z.string()),
  besideConffiles: z.record(z.string(), z.string()),
  /** All went well; else what ran before is still to run. */
  isDone: z.boolean(),
});
export type UpdateRecord = z.infer<typeof updateRecordSchema>;

const recordsMax = 5;

/**
 * The record of the job: as it was saved when the job was first begun, else of what is there now. What ran before an
 * update that failed, or that is now taken back, counts as running.
 */
export async function openUpdateRecord(
  { host, job }: AptContext,
  input: { suite: Suite; packages: readonly ExactPackage[]; installed: InstalledPackages },
): Promise<UpdateRecord> {
  const known = await readRecord(host, pathOf(job.order.jobId));
  if (known !== null) return known;
  const { running, failed } = await readStackUnits(host, input.suite);
  const last = await lastRecord(host);
  const isWayBack = job.order.verb === "roll-back-updates";
  const ranBefore = last === null || (last.isDone && !isWayBack) ? [] : last.runningUnits;
  return {
    verb: job.order.verb,
    packages: input.packages.flatMap((wanted) => installedOf(input.installed, wanted) ?? []),
    automatic: await readAutomatic(host, input),
    runningUnits: [...new Set([...running, ...ranBefore])],
    failedUnits: failed,
    besideConffiles: await readBesideConffiles(host, input.packages),
    isDone: false,
  };
}

/** Puts the record on the disk, before anything is touched; one of an earlier start of the job stays as it is. */
export async function saveUpdateRecord({ host, job }: AptContext, record: UpdateRecord): Promise<void> {
  const path = pathOf(job.order.jobId);
  if ((await readRecord(host, path)) !== null) return;
  await mkdir(host.path(agentPaths.updateRecords), { recursive: true, mode: 0o700 });
  await writeFileAtomically(host.path(path), JSON.stringify(record), { mode: 0o600 });
  await prune(host);
}

/** Marks the record, where there is one, as that of a job that has done what it should. */
export async function closeUpdateRecord({ host, job }: AptContext, record: UpdateRecord): Promise<void> {
  const path = pathOf(job.order.jobId);
  if ((await readRecord(host, path)) === null) return;
  await writeFileAtomically(host.path(path), JSON.stringify({ ...record, isDone: true }), { mode: 0o600 });
}

/** The packages of a record as they were. */
export function packagesOf({ packages }: UpdateRecord): InstalledPackages {
  return new Map(packages.map((found) => [keyOf(found), found]));
}

function pathOf(jobId: string): string {
  return join(agentPaths.updateRecords, `${jobId}.json`);
}

async function readRecord(host: Host, path: string): Promise<UpdateRecord | null> {
  const text = await readTextIfExists(host.path(path));
  const parsed = updateRecordSchema.safeParse(text === null ? null : parseJson(text));
  return parsed.success ? parsed.data : null;
}

/** apt takes what it is told by name for wanted by the owner, so what was not is remembered; a new dependency is not. */
async function readAutomatic(
  host: Host,
  { packages, installed }: { packages: readonly ExactPackage[]; installed: InstalledPackages },
): Promise<string[]> {
  const listed = await host.run(["apt-mark", "showauto"]);
  const automatic = new Set(listed.exitCode === 0 ? listed.stdout.split("\n") : []);
  return packages
    .filter((wanted) => installedOf(installed, wanted) === undefined || automatic.has(wanted.name))
    .map(({ name }) => name);
}

async function lastRecord(host: Host): Promise<UpdateRecord | null> {
  const [newest] = await newestFirst(host);
  return newest === undefined ? null : await readRecord(host, join(agentPaths.updateRecords, newest));
}

async function prune(host: Host): Promise<void> {
  for (const name of (await newestFirst(host)).slice(recordsMax))
    await rm(host.path(join(agentPaths.updateRecords, name)), { force: true });
}

async function newestFirst(host: Host): Promise<string[]> {
  const folder = host.path(agentPaths.updateRecords);
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const aged = await Promise.all(
    names
      .filter((name) => name.endsWith(".json") && !name.startsWith("."))
      .map(async (name) => ({ name, modifiedMs: (await stat(join(folder, name))).mtimeMs })),
  );
  return aged.toSorted((left, right) => right.modifiedMs - left.modifiedMs).map(({ name }) => name);
}
