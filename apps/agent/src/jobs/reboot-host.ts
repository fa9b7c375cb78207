import { release } from "node:os";
import type { JobResult } from "@mailstead/core/jobs";
import type { JournaledJob } from "../journal/ledger.ts";
import type { Host } from "../platform/host.ts";
import { readBootId } from "../platform/host-check.ts";
import { lastWords } from "../platform/run-command.ts";
import type { JobContext } from "./job-context.ts";
import { JobFailure } from "./job-failure.ts";

/** Of the running system, which another start changes. */
export interface HostStart {
  readonly bootId: string;
  readonly kernel: string;
}

export async function readHostStart(): Promise<HostStart> {
  return { bootId: await readBootId(), kernel: release() };
}

/**
 * Has the host start anew. The job is told of when the agent runs after that; resolves never, and throws JobFailure when the
 * host goes on. Package work that is under way is not cut off: the lane of changes has one job at a time.
 */
export async function rebootHost(host: Host, job: JobContext, start: HostStart): Promise<never> {
  const inhibited = await host.run(["systemctl", "is-active", "--quiet", "mailstead-packages-*.service"]);
  if (inhibited.exitCode === 0)
    throw new JobFailure("Package work is under way on this host, which a restart would cut off.", {
      retry: "temporary",
    });
  job.beginStep("reboot", { kind: "host-restart", ...start });
  // By way of systemd, which ends this process as it ends all others.
  const result = await host.run(["systemctl", "--no-block", "reboot"], { timeoutMs: 30_000 });
  if (result.exitCode !== 0) {
    job.endStep("reboot");
    throw new JobFailure(`The host refused to start anew: ${lastWords(result)}`, { retry: "temporary" });
  }
  await until(job.signal);
  job.endStep("reboot");
  throw new JobFailure("The host was told to start anew and goes on as before.", { retry: "temporary" });
}

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Tells, after the agent was stopped, whether the host has started anew since; never has it do so a second time. */
export function settleReboot(
  job: Pick<JobContext, "endStep">,
  { openStep, startedAtUnixMs }: Pick<JournaledJob, "openStep" | "startedAtUnixMs">,
  { now, nowUnixMs }: { now: HostStart; nowUnixMs: number },
): JobResult<"reboot-host"> {
  const undo = openStep?.undo;
  job.endStep("reboot");
  if (undo?.kind !== "host-restart" || undo.bootId === now.bootId)
    throw new JobFailure(
      "The agent was stopped before the host started anew. Run the job again if it is still wanted.",
      {
        retry: "temporary",
      },
    );
  return {
    kernelBefore: undo.kernel,
    kernelAfter: now.kernel,
    tookMs: Math.max(0, nowUnixMs - (startedAtUnixMs ?? nowUnixMs)),
  };
}
