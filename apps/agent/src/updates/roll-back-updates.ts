import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import type { ExactPackage } from "@mailstead/core/updates";
import { type AptContext, aptGet, aptWords, dpkg } from "../apply/apt.ts";
import type { JobContext } from "../jobs/job-context.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import type { Argv } from "../platform/host.ts";
import { finishChange, runChange, type UpdateInput } from "./carry-out.ts";
import { requireRoomForPackages } from "./disk-space.ts";
import {
  compareInstalled,
  type InstalledPackages,
  installedOf,
  isThere,
  namesOf,
  readInstalled,
  requireNoneHeld,
} from "./installed-packages.ts";
import { findKept, keepPackages } from "./kept-packages.ts";
import { refusal, simulate } from "./simulate.ts";
import { openUpdateRecord } from "./update-record.ts";
import { reportSteps, takeStep } from "./update-steps.ts";

/**
 * Brings packages back to exactly these older versions from where they are kept, also out of a state in which a package is
 * half configured. What ran before the update runs afterwards. Throws JobFailure, before anything is changed, when a .deb
 * is missing or when more than what is named would change; nothing is ever removed.
 */
export async function rollBackUpdates(
  { host, suite }: UpdateInput,
  job: JobContext,
  { packages }: JobArgs<"roll-back-updates">,
): Promise<JobResult<"roll-back-updates">> {
  const startedMs = performance.now();
  const context: AptContext = { host, job };
  reportSteps(context, ["keep", "go-back", "restart"]);
  const installed = await readInstalled(host);
  const replaced = toGoBack(context, packages, installed);
  const record = await openUpdateRecord(context, { suite, packages, installed });
  const wantedUnits = [...new Set([...record.runningUnits, ...record.failedUnits])];
  const change = { context, suite, packages, record, wantedUnits };
  if (replaced.length > 0) {
    requireNoneHeld(installed, replaced);
    const argv = await takeStep(context, "keep", () => wayBack(context, replaced, installed));
    await takeStep(context, "go-back", () => runChange({ ...change, packages: replaced }, argv));
  }
  const result = await takeStep(context, "restart", () => finishChange(change));
  return { ...result, tookMs: Math.round(performance.now() - startedMs) };
}

/** What is at another version than it is to go back to. Throws JobFailure where that would be a way forward. */
function toGoBack(
  { job }: AptContext,
  packages: readonly ExactPackage[],
  installed: InstalledPackages,
): ExactPackage[] {
  const there = packages.filter((wanted) => isThere(installed, wanted));
  if (there.length > 0) job.logLine("info", `There already: ${namesOf(there)}.`);
  return packages.filter((wanted) => {
    const found = installedOf(installed, wanted);
    if (found === undefined) {
      job.logLine("warning", `${wanted.name} is not installed any more, and is left so.`);
      return false;
    }
    if (compareInstalled(found, wanted) < 0)
      throw new JobFailure(
        `${found.name} is at ${found.version}, which is older than ${wanted.version}, so that no way back leads there. Nothing was changed.`,
        { retry: "permanent" },
      );
    return !there.includes(wanted);
  });
}

/** Finds every .deb and has apt say that it would do just that; gives the command that does it. */
async function wayBack(
  context: AptContext,
  packages: readonly ExactPackage[],
  installed: InstalledPackages,
): Promise<Argv> {
  const { host, job } = context;
  await requireRoomForPackages(
    host,
    packages.map((wanted) => ({
      name: wanted.name,
      sizeBytes: installedOf(installed, wanted)?.sizeBytes ?? 0,
    })),
  );
  const lost = await keepPackages(context, packages, { areInstalled: false });
  if (lost.length > 0)
    throw new JobFailure(
      `No way leads back, because the host and its mirror no longer have ${namesOf(lost)}. Nothing was changed.`,
      { retry: "permanent" },
    );
  const files: string[] = [];
  for (const wanted of packages) files.push((await findKept(host, wanted)) ?? "");
  const install = ["install", "--no-remove", "--allow-downgrades", "--", ...files];
  const simulated = await simulate(context, {
    arguments: install.filter((a) => a !== "--no-remove"),
    order: packages,
  });
  if (simulated.kind === "exactly") return aptGet(...install);
  // apt gives up on a package that was cut off while it was unpacked; dpkg itself goes over it.
  if (simulated.kind === "refused" && /needs to be reinstalled/.test(simulated.words)) {
    const tried = await host.run(["dpkg", "--no-act", "--install", ...files], { timeoutMs: 180_000 });
    if (tried.exitCode !== 0)
      throw new JobFailure(
        `dpkg cannot go back to these versions: ${aptWords(tried)}. Nothing was changed.`,
        {
          retry: "permanent",
        },
      );
    job.logLine("warning", "A package was cut off while it was unpacked, so that dpkg goes over it.");
    return dpkg("--install", ...files);
  }
  throw refusal(simulated);
}
