import type { Suite } from "@mailstead/core/servers";
import {
  type ExactPackage,
  judgeReboot,
  type UpdateResult,
  updateResultSchema,
} from "@mailstead/core/updates";
import { type AptContext, aptFailure, runApt } from "../apply/apt.ts";
import { allowServiceStarts } from "../apply/package-work.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import { readRestartMarks } from "../observe/inventory/restart-marks.ts";
import type { Argv, Host } from "../platform/host.ts";
import type { CommandResult } from "../platform/run-command.ts";
import { changesOf, halfDone, isThere, namesOf, readInstalled } from "./installed-packages.ts";
import { keptConffilesSince } from "./kept-conffiles.ts";
import { findKept, forgetKept } from "./kept-packages.ts";
import { isRebuilt } from "./rebuild-deb.ts";
import { restartOutdated, startWhatRan } from "./units-after.ts";
import { closeUpdateRecord, packagesOf, saveUpdateRecord, type UpdateRecord } from "./update-record.ts";

export interface UpdateInput {
  host: Host;
  suite: Suite;
}

/** An update that is about to touch the host, or its way back. */
export interface Change {
  context: AptContext;
  suite: Suite;
  packages: readonly ExactPackage[];
  record: UpdateRecord;
  /** Units that are to run afterwards. */
  wantedUnits: readonly string[];
}

/**
 * Runs apt or dpkg and proves that every package is there as ordered. Packages start their services again as they see
 * fit; where one fails, what ran before is started at once, since mail must go on. Throws JobFailure with what was said and
 * which packages are half done, unless `isForgiven` says of a run that has changed nothing that it is to be tried again.
 */
export async function runChange(
  change: Change,
  argv: Argv,
  isForgiven: (result: CommandResult) => boolean = () => false,
): Promise<void> {
  const { context, packages, record } = change;
  const { host } = context;
  // What an installation of ours that was cut short has left there would keep services down that an update stops.
  await allowServiceStarts(host);
  await saveUpdateRecord(context, record);
  const result = await runApt(context, argv);
  const failure = await problemAfter(host, packages, result);
  if (failure === null || isForgiven(result)) return;
  await markAutomatic(host, record);
  const problems = await startWhatRan(change, change.wantedUnits);
  const left = problems.length === 0 ? "" : ` Beside that, ${problems.join(" ")}`;
  throw new JobFailure(`${failure.message}${left}`, { retry: failure.retry });
}

async function problemAfter(
  host: Host,
  packages: readonly ExactPackage[],
  result: CommandResult,
): Promise<JobFailure | null> {
  const installed = await readInstalled(host);
  const half = halfDone(installed);
  const missing = packages.filter((wanted) => !isThere(installed, wanted));
  const said = result.exitCode === 0 ? null : aptFailure(result);
  if (said === null && missing.length === 0 && half.length === 0) return null;
  const retry = said?.retry ?? "permanent";
  const sentences = [
    said?.message.replace(/\.?$/, ".") ??
      `apt-get ended well, but ${namesOf(missing)} is not there as ordered.`,
    ...(half.length > 0 ? [`Only half configured now: ${namesOf(half)}.`] : []),
  ];
  return new JobFailure(sentences.join(" "), { retry });
}

/** apt takes a package that it is told by name for one that the owner wants, and would never remove it again. */
async function markAutomatic(host: Host, { automatic }: UpdateRecord): Promise<void> {
  if (automatic.length > 0) await host.run(["apt-mark", "auto", ...automatic]);
}

/** Starts what ran, restarts what is outdated, forgets what no way back needs, and tells what has become of the host. */
export async function finishChange(change: Change): Promise<Omit<UpdateResult, "tookMs">> {
  const { context, packages, record } = change;
  const { host } = context;
  await markAutomatic(host, record);
  const notStarted = await startWhatRan(change, change.wantedUnits);
  const { outdated, problems } = await restartOutdated(change);
  const down = [...notStarted, ...problems];
  if (down.length > 0)
    throw new JobFailure(`The packages are installed, but ${down.join(" ")}`, { retry: "permanent" });
  const installed = await readInstalled(host);
  await forgetKept(host, installed);
  const before = packagesOf(record);
  const changes = changesOf(packages, before, installed);
  const withoutWayBack: string[] = [];
  const rebuiltWayBack: string[] = [];
  for (const found of before.values()) {
    const isReplaced = changes.some(({ name, from }) => name === found.name && from === found.version);
    if (!isReplaced) continue;
    const kept = await findKept(host, exactly(found));
    if (kept === null) withoutWayBack.push(found.name);
    else if (await isRebuilt(host, kept)) rebuiltWayBack.push(found.name);
  }
  await closeUpdateRecord(context, record);
  const { keptConffiles, outdatedUnits } = updateResultSchema
    .pick({ keptConffiles: true, outdatedUnits: true })
    .parse({
      keptConffiles: await keptConffilesSince(host, packages, record.besideConffiles),
      outdatedUnits: outdated.slice(0, 500).map((unit) => unit.slice(0, 200)),
    });
  return {
    changes,
    keptConffiles,
    withoutWayBack,
    rebuiltWayBack,
    outdatedUnits,
    isRebootRequired: judgeReboot(await readRestartMarks(host)).length > 0,
  };
}

/** A package as dpkg has it, as an order would name it. */
export function exactly({ name, architecture, version }: Record<keyof ExactPackage, string>): ExactPackage {
  return { name, architecture: architecture as ExactPackage["architecture"], version };
}
