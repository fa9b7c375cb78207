import { readdir, stat } from "node:fs/promises";
import { JobFailure } from "../jobs/job-failure.ts";
import { isMissing } from "../platform/files.ts";
import type { Argv, Host } from "../platform/host.ts";
import { type CommandResult, lastWords } from "../platform/run-command.ts";
import type { ApplyContext } from "./executor.ts";
import { packageUnitName, runPackageWork } from "./package-work.ts";

/** What work with apt needs of a job. */
export type AptContext = Pick<ApplyContext, "host" | "job">;

const lockWaitSeconds = 600;
const listsFreshMs = 60 * 60_000;

/** Has dpkg keep a conffile that the owner changed, and take the package's where nobody did. */
const keepOwnersFiles = ["--force-confdef", "--force-confold"] as const;

/** apt-get as the agent calls it: it asks nothing, waits for the lock of another, and leaves the owner's files alone. */
export function aptGet(...args: readonly string[]): Argv {
  return [
    "apt-get",
    "--quiet",
    "--assume-yes",
    "--no-install-recommends",
    ...keepOwnersFiles.map((option) => `--option=Dpkg::Options::=${option}`),
    `--option=DPkg::Lock::Timeout=${lockWaitSeconds}`,
    "--option=Dpkg::Use-Pty=0",
    ...args,
  ];
}

/** dpkg, for what apt does not do. */
export function dpkg(...args: readonly string[]): Argv {
  return ["dpkg", ...keepOwnersFiles, ...args];
}

/** Runs a program of apt or dpkg as the package work of the job. */
export function runApt(
  { host, job }: AptContext,
  argv: Argv,
  options: { workingDirectory?: string } = {},
): Promise<CommandResult> {
  return runPackageWork(host, { unit: packageUnitName(job.order.jobId), argv, job, ...options });
}

/**
 * Finishes what an earlier run of dpkg left half configured (dpkg(1), --audit); removes nothing for it. Null when nothing
 * is half done now, else what apt said.
 */
export async function mendHalfDoneWork(context: AptContext): Promise<JobFailure | null> {
  const audit = await context.host.run(["dpkg", "--audit"]);
  if (audit.exitCode === 0 && audit.stdout.trim() === "") return null;
  context.job.logLine("warning", "An earlier package work was left half done; it is finished first.");
  const configured = await runApt(context, dpkg("--configure", "--pending"));
  if (configured.exitCode === 0) return null;
  const mended = await runApt(context, aptGet("--fix-broken", "--no-remove", "install"));
  return mended.exitCode === 0 ? null : aptFailure(mended);
}

/** Fetches the package lists where they are older than an hour. */
export async function freshenLists(context: AptContext): Promise<void> {
  if (await areListsStale(context.host)) await updateLists(context);
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
export async function updateLists(context: AptContext): Promise<void> {
  const { host, job } = context;
  const deadline = host.nowUnixMs() + lockWaitSeconds * 1000;
  for (let isTold = false; ; ) {
    const result = await runApt(context, [
      "apt-get",
      "--quiet",
      `--option=DPkg::Lock::Timeout=${lockWaitSeconds}`,
      "update",
    ]);
    if (result.exitCode === 0) return;
    const isLocked = /Could not get lock/.test(result.stdout);
    if (!isLocked || host.nowUnixMs() > deadline) throw aptFailure(result);
    if (!isTold) job.logLine("info", "Another program holds the lock of the package lists; waiting for it.");
    isTold = true;
    job.requireGoOn();
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

/** What apt or dpkg said of why it failed, in few lines; dpkg names the package in one line and the reason in the next. */
export function aptWords(result: CommandResult): string {
  const lines = `${result.stdout}\n${result.stderr}`.split("\n").map((line) => line.trim());
  const telling = lines.flatMap((line, index) => {
    if (/^dpkg: error processing/.test(line)) return [`${line} ${lines[index + 1] ?? ""}`.trim()];
    return /^(E:|dpkg: error|Err:)/.test(line) ? [line] : [];
  });
  return telling.length > 0 ? [...new Set(telling)].slice(0, 4).join(" / ") : lastWords(result);
}

/** The failure of a job whose package work ended badly; temporary when the network, a lock or the disk was in the way. */
export function aptFailure(result: CommandResult): JobFailure {
  const words = aptWords(result);
  const isTemporary =
    /Could not get lock|Failed to fetch|Temporary failure|Could not connect|Unable to connect|No space left|enough free space|timed out/i.test(
      `${words} ${result.hasTimedOut ? "timed out" : ""}`,
    );
  return new JobFailure(`The packages could not be installed. apt-get said: ${words}`, {
    retry: isTemporary ? "temporary" : "permanent",
  });
}
