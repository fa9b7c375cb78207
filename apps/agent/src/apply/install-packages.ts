import { readdir, stat } from "node:fs/promises";
import { JobFailure } from "../jobs/job-failure.ts";
import { readPackages } from "../observe/packages.ts";
import { isMissing } from "../platform/files.ts";
import type { Argv, Host } from "../platform/host.ts";
import { type CommandResult, lastWords } from "../platform/run-command.ts";

import type { ApplyContext, Executor } from "./executor.ts";
import {
  allowServiceStartsAfter,
  forbidServiceStarts,
  packageUnitName,
  runPackageWork,
} from "./package-work.ts";

const lockWaitSeconds = 600;
const listsFreshMs = 60 * 60_000;

const aptInstall: Argv = [
  "apt-get",
  "--quiet",
  "--assume-yes",
  "--no-install-recommends",
  "--option=Dpkg::Options::=--force-confdef",
  "--option=Dpkg::Options::=--force-confold",
  `--option=DPkg::Lock::Timeout=${lockWaitSeconds}`,
  "--option=Dpkg::Use-Pty=0",
  "install",
  "--",
];

/**
 * Installs Debian packages: waits for the lock that another apt holds, keeps conffiles that the owner changed, and
 * lets no service start. The work survives a stop of the agent; what it leaves half done is mended by the next run.
 */
export const installPackages: Executor<"install-packages"> = {
  async prepare(_step, { job }) {
    return { kind: "package-work", unit: packageUnitName(job.order.jobId) };
  },
  async apply(step, context) {
    const { host, job } = context;
    const before = await readPackages(host, step.packages);
    await forbidServiceStarts(host);
    try {
      await mendHalfDoneWork(context);
      if (await areListsStale(host)) await updateLists(context);
      const work = {
        unit: packageUnitName(job.order.jobId),
        argv: [...aptInstall, ...step.packages] as unknown as Argv,
        job,
      };
      let result = await runPackageWork(host, work);
      if (
        result.exitCode !== 0 &&
        /Unable to locate package|404 +Not Found|Hash Sum mismatch/.test(result.stdout)
      ) {
        job.logLine("warning", "The package lists are out of date; they are fetched again.");
        await updateLists(context);
        result = await runPackageWork(host, work);
      }
      if (result.exitCode !== 0) throw installFailure(result);
    } finally {
      await allowServiceStartsAfter(host, packageUnitName(job.order.jobId));
    }
    const after = await readPackages(host, step.packages);
    const missing = step.packages.filter((name) => after[name] === undefined);
    if (missing.length > 0)
      throw new JobFailure(`apt-get ended well, but ${missing.join(", ")} is not installed.`, {
        retry: "temporary",
      });
    return { outcome: "changed", detail: versionChanges(before, after) };
  },
};

/** Finishes what an earlier run of dpkg left half configured (dpkg(1), --audit). */
async function mendHalfDoneWork({ host, job }: ApplyContext): Promise<void> {
  const audit = await host.run(["dpkg", "--audit"]);
  if (audit.exitCode === 0 && audit.stdout.trim() === "") return;
  job.logLine("warning", "An earlier package work was left half done; it is finished first.");
  const run = (argv: Argv) => runPackageWork(host, { unit: packageUnitName(job.order.jobId), argv, job });
  const configured = await run(["dpkg", "--force-confdef", "--force-confold", "--configure", "--pending"]);
  if (configured.exitCode === 0) return;
  const mended = await run([aptInstall[0], ...aptInstall.slice(1, -2), "--fix-broken", "install"]);
  if (mended.exitCode !== 0) throw installFailure(mended);
}

async function areListsStale(host: Host): Promise<boolean> {
  try {
    const folder = host.path("/var/lib/apt/lists");
    const lists = (await readdir(folder)).filter((name) => /(Packages|Release)(\.|$)/.test(name));
    if (lists.length === 0) return true;
    const { mtimeMs } = await stat(folder);
    return host.nowUnixMs() - mtimeMs > listsFreshMs;
  } catch (error) {
    if (isMissing(error)) return true;
    throw error;
  }
}

/** Fetches the package lists. Their lock is one that apt does not wait for by itself. */
async function updateLists({ host, job }: ApplyContext): Promise<void> {
  const deadline = host.nowUnixMs() + lockWaitSeconds * 1000;
  for (let isTold = false; ; ) {
    const result = await runPackageWork(host, {
      unit: packageUnitName(job.order.jobId),
      argv: ["apt-get", "--quiet", `--option=DPkg::Lock::Timeout=${lockWaitSeconds}`, "update"],
      job,
    });
    if (result.exitCode === 0) return;
    const isLocked = /Could not get lock/.test(result.stdout);
    if (!isLocked || host.nowUnixMs() > deadline) throw installFailure(result);
    if (!isTold) job.logLine("info", "Another program holds the lock of the package lists; waiting for it.");
    isTold = true;
    job.requireGoOn();
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

function installFailure(result: CommandResult): JobFailure {
  const lines = result.stdout.split("\n").map((line) => line.trim());
  const telling = lines.filter((line) => /^(E:|dpkg: error|Err:)/.test(line));
  const words = telling.length > 0 ? [...new Set(telling)].slice(0, 4).join(" / ") : lastWords(result);
  const isTemporary =
    /Could not get lock|Failed to fetch|Temporary failure|Could not connect|Unable to connect|No space left|timed out/i.test(
      `${words} ${result.hasTimedOut ? "timed out" : ""}`,
    );
  return new JobFailure(`The packages could not be installed. apt-get said: ${words}`, {
    retry: isTemporary ? "temporary" : "permanent",
  });
}

function versionChanges(before: Record<string, string>, after: Record<string, string>): string {
  return Object.entries(after)
    .filter(([name, version]) => before[name] !== version)
    .map(([name, version]) =>
      before[name] === undefined ? `${name} ${version}` : `${name} ${before[name]} -> ${version}`,
    )
    .join("\n");
}
