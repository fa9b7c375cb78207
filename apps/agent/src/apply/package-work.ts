import { open, stat } from "node:fs/promises";
import type { JobContext } from "../jobs/job-context.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import { readUnits } from "../observe/units.ts";
import {
  isMissing,
  pathExists,
  readTextIfExists,
  removeFile,
  writeFileAtomically,
} from "../platform/files.ts";
import type { Argv, Host } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";
import { type CommandResult, lastWords } from "../platform/run-command.ts";

const pollEveryMs = 400;
const workWithinMs = 25 * 60_000;

/** Unit name of the package work of a job; one at a time has it, also across a restart of the agent. */
export function packageUnitName(jobId: string): string {
  return `mailstead-packages-${jobId}.service`;
}

export interface PackageWork {
  unit: string;
  argv: Argv;
  job: JobContext;
  /** Where the program puts what it makes, for those that take no path. */
  workingDirectory?: string;
}

/**
 * Runs a program of apt or dpkg in a transient unit of its own, so that it goes on when the agent is stopped, with its
 * output in a file from which the job's log is told. Resolves with the program's exit code and its output.
 */
export async function runPackageWork(host: Host, work: PackageWork): Promise<CommandResult> {
  const logPath = logPathOf(work.unit);
  await writeFileAtomically(host.path(logPath), "", { mode: 0o600 });
  const follower = followLog(host, logPath, work.job);
  const result = await host.run(
    [
      "systemd-run",
      "--quiet",
      "--wait",
      "--collect",
      `--unit=${work.unit}`,
      "--description=Package work of Mailstead",
      `--property=StandardOutput=append:${logPath}`,
      `--property=StandardError=append:${logPath}`,
      "--setenv=DEBIAN_FRONTEND=noninteractive",
      "--setenv=DEBIAN_PRIORITY=critical",
      "--setenv=LC_ALL=C.UTF-8",
      // What dpkg is told about conffiles by options, ucf(1) is told by this.
      "--setenv=UCF_FORCE_CONFFOLD=1",
      "--setenv=NEEDRESTART_SUSPEND=1",
      ...(work.workingDirectory === undefined
        ? []
        : [`--property=WorkingDirectory=${work.workingDirectory}`]),
      "--",
      ...work.argv,
    ],
    { timeoutMs: workWithinMs },
  );
  await follower.stop();
  if (result.hasTimedOut && (await isWorking(host, work.unit))) throw stillWorking(work.unit);
  const said = (await readTextIfExists(host.path(logPath))) ?? "";
  await removeFile(host.path(logPath));
  return { ...result, stdout: said };
}

/**
 * Waits for package work that outlived the agent or its time, tells the job's log what it says, and lets services start
 * again. Throws JobFailure when it does not end in time: dpkg still works then, and nothing of it is taken back.
 */
export async function awaitPackageWork(
  host: Host,
  unit: string,
  job: Pick<JobContext, "signal" | "logLine">,
): Promise<void> {
  const deadline = host.nowUnixMs() + workWithinMs;
  const logPath = logPathOf(unit);
  if (await isWorking(host, unit))
    job.logLine("info", "Package work that was begun earlier is still running.");
  const follower = followLog(host, logPath, job);
  while ((await isWorking(host, unit)) && host.nowUnixMs() < deadline && !job.signal.aborted)
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
  await follower.stop();
  if (await isWorking(host, unit)) throw stillWorking(unit);
  await removeFile(host.path(logPath));
  await allowServiceStarts(host);
}

// A unit in any other state, also one that is being stopped, has processes (systemctl --state=help).
const restingSubStates = ["dead", "failed", "exited", ""];

async function isWorking(host: Host, unit: string): Promise<boolean> {
  const state = (await readUnits(host, [unit]))[unit];
  return state !== undefined && !restingSubStates.includes(state.subState);
}

function stillWorking(unit: string): JobFailure {
  return new JobFailure(
    `Package work has not ended in its time and goes on (journalctl -u ${unit}); until it ends, no service that it installs is started.`,
    { retry: "temporary" },
  );
}

function logPathOf(unit: string): string {
  return `${agentPaths.aptLogs}/${unit}.log`;
}

function followLog(host: Host, logPath: string, job: Pick<JobContext, "logLine">) {
  let offset = 0;
  let rest = "";
  async function read(): Promise<void> {
    let text: string;
    try {
      const { size } = await stat(host.path(logPath));
      if (size <= offset) return;
      const file = await open(host.path(logPath), "r");
      try {
        const buffer = Buffer.alloc(Math.min(size - offset, 1_048_576));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
        offset += bytesRead;
        text = rest + buffer.subarray(0, bytesRead).toString("utf8");
      } finally {
        await file.close();
      }
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    const lines = text.split(/[\r\n]+/);
    rest = lines.pop() ?? "";
    for (const line of lines) if (isWorthTelling(line)) job.logLine("info", line.trim());
  }
  let reading: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    reading = reading.then(read);
  }, pollEveryMs);
  return {
    async stop() {
      clearInterval(timer);
      await reading;
      await read();
    },
  };
}

function isWorthTelling(line: string): boolean {
  return /^(Setting up|Unpacking|Get:|Waiting for|E:|W:|dpkg:|Need to get|After this|Processing triggers)/.test(
    line.trim(),
  );
}

const startPolicy = "/usr/sbin/policy-rc.d";
const ownStartPolicy = "/var/lib/mailstead/policy-rc.d";
const startPolicyText = `#!/bin/sh
# Written by Mailstead while it installs packages: a service must not run with its first, open configuration.
exit 101
`;

/**
 * Keeps packages that are being installed from starting their services, which would be open to the world before they
 * are configured. A policy of the host's owner is left as it is.
 */
export async function forbidServiceStarts(host: Host): Promise<void> {
  if (await pathExists(host.path(startPolicy))) return;
  await writeFileAtomically(host.path(ownStartPolicy), startPolicyText, { mode: 0o755 });
  await runOutside(host, ["install", "--mode=755", "--", ownStartPolicy, startPolicy]);
}

/** Takes that back once the package work of a unit has ended: what dpkg configures later must not start either. */
export async function allowServiceStartsAfter(host: Host, unit: string): Promise<void> {
  if (!(await isWorking(host, unit))) await allowServiceStarts(host);
}

/** Takes that back; does nothing when the policy is not ours. */
export async function allowServiceStarts(host: Host): Promise<void> {
  if ((await readTextIfExists(host.path(startPolicy))) !== startPolicyText) return;
  await runOutside(host, ["rm", "--force", "--", startPolicy]);
}

/** Runs a program outside the agent's own sandbox, in which /usr cannot be written. */
async function runOutside(host: Host, argv: Argv): Promise<void> {
  const result = await host.run(["systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--", ...argv]);
  if (result.exitCode !== 0) throw new Error(`${argv[0]} failed on ${startPolicy}: ${lastWords(result)}`);
}
