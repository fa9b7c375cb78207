import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import { lastComplaint } from "../apply/apply-files.ts";
import { serviceProblem } from "../apply/service-health.ts";
import type { JournaledJob } from "../journal/ledger.ts";
import { readUnits } from "../observe/units.ts";
import type { Host } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";
import type { JobContext } from "./job-context.ts";
import { JobFailure } from "./job-failure.ts";

type Service = JobArgs<"restart-service">["service"];

// Debian 12 runs Postfix as an instance of a template and keeps a unit of the plain name that does nothing.
const unitCandidates: Record<Service, readonly string[]> = {
  postfix: ["postfix@-.service", "postfix.service"],
  dovecot: ["dovecot.service"],
  rspamd: ["rspamd.service"],
  redis: ["redis-server.service"],
  fail2ban: ["fail2ban.service"],
  clamav: ["clamav-daemon.service"],
  nginx: ["nginx.service"],
};

/** Restarts a service and waits until it serves. Throws JobFailure when it is not installed or does not. */
export async function restartService(
  host: Host,
  job: JobContext,
  { service }: JobArgs<"restart-service">,
): Promise<JobResult<"restart-service">> {
  const startedMs = performance.now();
  const unit = await unitOf(host, service);
  job.beginStep("restart", { kind: "service-restart", service });
  const result = await host.run(["systemctl", "restart", "--", unit], { timeoutMs: 100_000 });
  const problem =
    result.exitCode === 0 ? await serviceProblem(host, { service, units: [unit] }) : lastWords(result);
  job.endStep("restart");
  if (problem !== null)
    throw new JobFailure(`${service} did not come back: ${problem}.${await lastComplaint(host, [unit])}`, {
      retry: "temporary",
    });
  return { tookMs: Math.round(performance.now() - startedMs) };
}

/** Tells how a restart ended that the agent did not live to see; never restarts a second time. */
export async function settleRestart(
  host: Host,
  job: JobContext,
  journaled: JournaledJob,
): Promise<JobResult<"restart-service">> {
  const undo = journaled.openStep?.undo;
  const service = (undo?.kind === "service-restart" ? undo.service : "postfix") as Service;
  const unit = await unitOf(host, service);
  const problem = await serviceProblem(host, { service, units: [unit] });
  const since = (await readUnits(host, [unit]))[unit]?.sinceUnixMs ?? 0;
  job.endStep("restart");
  // systemd tells whole seconds.
  const wasRestarted = since + 1000 >= (journaled.startedAtUnixMs ?? 0);
  if (problem !== null || !wasRestarted)
    throw new JobFailure(
      `The agent was stopped while it restarted ${service}, and ${problem ?? "the service was not restarted"}. Run the job again if it is still wanted.`,
      { retry: "temporary" },
    );
  return { tookMs: Math.max(0, since - (journaled.startedAtUnixMs ?? since)) };
}

async function unitOf(host: Host, service: Service): Promise<string> {
  const states = await readUnits(host, unitCandidates[service]);
  const units = unitCandidates[service].filter((unit) => states[unit]?.isKnown);
  const unit =
    units.find((candidate) => states[candidate]?.isActive || states[candidate]?.isFailed) ?? units.at(-1);
  if (unit === undefined)
    throw new JobFailure(`${service} is not installed on this host.`, { retry: "permanent" });
  return unit;
}
