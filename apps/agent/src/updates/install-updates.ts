import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import type { ExactPackage } from "@mailstead/core/updates";
import { type AptContext, aptGet, freshenLists, mendHalfDoneWork, updateLists } from "../apply/apt.ts";
import type { JobContext } from "../jobs/job-context.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import { type Change, exactly, finishChange, runChange, type UpdateInput } from "./carry-out.ts";
import { requireRoomForPackages } from "./disk-space.ts";
import {
  compareInstalled,
  halfDone,
  type InstalledPackages,
  installedOf,
  isThere,
  namesOf,
  readInstalled,
  requireNoneHeld,
} from "./installed-packages.ts";
import { keepFetched, keepPackages } from "./kept-packages.ts";
import { aptArgument, refusal, simulate } from "./simulate.ts";
import { openUpdateRecord } from "./update-record.ts";
import { reportSteps, takeStep } from "./update-steps.ts";

/**
 * Brings packages to exactly the versions of the order, and touches no other. What is replaced is kept before; what is
 * there already, or newer, is passed over and said. Throws JobFailure, before anything is changed, when apt would not do
 * just that; and after it with what is half done, when a package fails.
 */
export async function installUpdates(
  { host, suite }: UpdateInput,
  job: JobContext,
  { packages }: JobArgs<"install-updates">,
): Promise<JobResult<"install-updates">> {
  const startedMs = performance.now();
  const context: AptContext = { host, job };
  reportSteps(context, ["ask", "keep", "install", "restart"]);
  const installed = await mended(context, packages);
  const record = await openUpdateRecord(context, { suite, packages, installed });
  const change = { context, suite, packages, record, wantedUnits: record.runningUnits };
  const missing = notThere(context, packages, installed);
  if (missing.length > 0) {
    requireNoneHeld(installed, missing);
    await takeStep(context, "ask", () => askApt(context, missing, installed));
    await takeStep(context, "keep", () => keepWayBack(context, missing, installed));
    await takeStep(context, "install", () => install({ ...change, packages: missing }));
  }
  const result = await takeStep(context, "restart", async () => {
    // What the next update replaces, also where this one was cut off once it had come.
    await keepFetched(context, packages);
    return finishChange(change);
  });
  return { ...result, tookMs: Math.round(performance.now() - startedMs) };
}

/** What is installed, once what was half done is finished. What cannot be finished must be what the order replaces. */
async function mended(context: AptContext, packages: readonly ExactPackage[]): Promise<InstalledPackages> {
  const failure = await mendHalfDoneWork(context);
  const installed = await readInstalled(context.host);
  if (failure === null) return installed;
  const names = new Set(packages.map(({ name }) => name));
  const others = halfDone(installed).filter(({ name }) => !names.has(name));
  if (others.length > 0 || failure.retry === "temporary")
    throw new JobFailure(
      `Packages of this host are half installed (${namesOf(halfDone(installed))}) and could not be finished: ${failure.message} Nothing of this order was changed.`,
      { retry: failure.retry },
    );
  context.job.logLine(
    "warning",
    `It could not be finished, so that the order goes over it: ${failure.message}`,
  );
  return installed;
}

/** What of the order is still to be done. */
function notThere(
  { job }: AptContext,
  packages: readonly ExactPackage[],
  installed: InstalledPackages,
): ExactPackage[] {
  const there = packages.filter((wanted) => isThere(installed, wanted));
  if (there.length > 0) job.logLine("info", `There already: ${namesOf(there)}.`);
  return packages.filter((wanted) => {
    const found = installedOf(installed, wanted);
    if (found === undefined || compareInstalled(found, wanted) <= 0) return !there.includes(wanted);
    job.logLine(
      "info",
      `${found.name} is at ${found.version} already, which is newer than ${wanted.version}.`,
    );
    return false;
  });
}

/** Has apt say that it would do just that. Throws JobFailure, before anything is changed, when it would not. */
async function askApt(
  context: AptContext,
  packages: readonly ExactPackage[],
  installed: InstalledPackages,
): Promise<void> {
  const replaced = packages.map((wanted) => ({
    name: wanted.name,
    sizeBytes: installedOf(installed, wanted)?.sizeBytes ?? 0,
  }));
  await requireRoomForPackages(context.host, replaced);
  await freshenLists(context);
  const simulated = await ask(context, packages);
  if (simulated.kind === "exactly") return;
  if (simulated.kind !== "missing") throw refusal(simulated);
  await freshenAll(context);
  const again = await ask(context, packages);
  if (again.kind !== "exactly") throw refusal(again);
}

const ask = (context: AptContext, packages: readonly ExactPackage[]) =>
  simulate(context, { arguments: ["install", "--", ...packages.map(aptArgument)], order: packages });

async function freshenAll(context: AptContext): Promise<void> {
  context.job.logLine("info", "The package lists do not match the mirror; they are fetched again.");
  await updateLists(context);
}

/**
 * One call of apt fetches and installs, which reads its lists once: it touches nothing before all packages are there. Where the
 * mirror has others than the lists say, they are fetched again, and apt is asked again before a second and last try.
 */
async function install(change: Change): Promise<void> {
  const { context, packages } = change;
  const argv = aptGet("install", "--no-remove", "--", ...packages.map(aptArgument));
  let isStale = false;
  await runChange(change, argv, (result) => {
    isStale = result.exitCode !== 0 && isFetchStale(result.stdout);
    return isStale;
  });
  if (!isStale) return;
  await freshenAll(context);
  const simulated = await ask(context, packages);
  if (simulated.kind !== "exactly") throw refusal(simulated);
  await runChange(change, argv);
}

const isFetchStale = (said: string) =>
  /404 +Not Found|Hash Sum mismatch/.test(said) && !/^(?:Unpacking|Setting up) /m.test(said);

/** Keeps what is replaced. */
async function keepWayBack(
  context: AptContext,
  packages: readonly ExactPackage[],
  installed: InstalledPackages,
): Promise<void> {
  const replaced = packages.flatMap((wanted) => {
    const found = installedOf(installed, wanted);
    return found === undefined || found.version === wanted.version ? [] : [exactly(found)];
  });
  const lost = await keepPackages(context, replaced, { areInstalled: true });
  if (lost.length > 0)
    context.job.logLine("warning", `Kept nowhere, so that no way leads back to it: ${namesOf(lost)}.`);
}
