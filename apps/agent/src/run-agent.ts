import { rm } from "node:fs/promises";
import { stackPaths } from "@mailstead/core/mail-flow";
import type { GatewayFrame } from "@mailstead/core/wire";
import { allowServiceStarts } from "./apply/package-work.ts";
import { createJobRunner, type JobRunner } from "./jobs/job-runner.ts";
import { createVerbRunner } from "./jobs/verbs.ts";
import { openJournal } from "./journal/journal.ts";
import { readIdentity } from "./link/identity.ts";
import { type Link, openLink } from "./link/link.ts";
import { openRequestDesk } from "./link/requests.ts";
import { takeSessionCounter } from "./link/session-counter.ts";
import { openWatch, type Watch } from "./observe/watch.ts";
import { writeFileAtomically } from "./platform/files.ts";
import type { Host } from "./platform/host.ts";
import { checkHost, readBootId } from "./platform/host-check.ts";
import { log } from "./platform/log.ts";
import { claimHost } from "./platform/only-one.ts";
import { agentPaths } from "./platform/paths.ts";
import { trimMemory } from "./platform/trim-memory.ts";

const trimAfterMs = 15_000;

/** Runs until it is told to stop. Throws HostRefusal before anything happens when it may not run here. */
export async function runAgent(host: Host): Promise<void> {
  const kind = await checkHost(host);
  const identity = await readIdentity(host.path(agentPaths.identity), kind.machineId);
  await claimHost(host, process.pid);
  const bootId = await readBootId();
  const journal = openJournal(host.path(agentPaths.journal), { nowUnixMs: host.nowUnixMs });
  if (journal.damagedLines > 0)
    log("error", `${journal.damagedLines} lines of the journal were altered and have been left out`);
  await rm(host.path(agentPaths.staging), { recursive: true, force: true });
  if (![...journal.ledger.jobs.values()].some((job) => job.state === "running"))
    await allowServiceStarts(host);

  let trimTimer: NodeJS.Timeout | null = null;
  const links: { link?: Link; watch?: Watch; jobs?: JobRunner } = {};
  const send: Link["send"] = (frame) => links.link?.send(frame) ?? false;
  const desk = openRequestDesk(send);
  const watch = openWatch({ host, kind, identity, bootId, send, onLooked: trimSoon });
  const jobs = createJobRunner({
    identity,
    journal,
    ownerPolicyPath: host.path(agentPaths.ownerPolicy),
    nowUnixMs: host.nowUnixMs,
    clockOffsetMs: () => links.link?.clockOffsetMs() ?? 0,
    send,
    onIdle: watch.lookSoon,
    runner: createVerbRunner({
      host,
      suite: kind.suite,
      identity,
      requests: desk,
      directoryPath: stackPaths.directoryDatabase,
      refreshFacts: watch.refreshFacts,
    }),
  });

  function trimSoon(): void {
    if (trimTimer !== null) clearTimeout(trimTimer);
    trimTimer = setTimeout(() => {
      if (jobs.isIdle())
        trimMemory().catch((error: Error) => log("warning", `memory was not trimmed: ${error.message}`));
    }, trimAfterMs);
  }

  function receive(frame: GatewayFrame): void {
    switch (frame.type) {
      case "job":
        jobs
          .take(frame.job)
          .catch((error: Error) => log("error", `a job could not be taken: ${error.message}`));
        return;
      case "cancel-job":
        jobs.cancel(frame.jobId);
        return;
      case "progress-stored":
        jobs.progressStored(frame.jobId, frame.number);
        return;
      case "result-stored":
        jobs.resultStored(frame.jobId);
        return;
      case "target-state":
      case "directory-changes":
        desk.answer(frame);
        return;
      default:
        return;
    }
  }

  links.link = openLink({
    identity,
    bootId,
    takeCounter: () => takeSessionCounter(host.path(agentPaths.sessionCounter)),
    onFrame: receive,
    onLost: desk.connectionLost,
    onWelcome() {
      jobs.greet();
      watch.tellAll();
    },
    onState(state) {
      trimSoon();
      const text = JSON.stringify({ ...state, sinceUnixMs: host.nowUnixMs(), processId: process.pid });
      writeFileAtomically(host.path(agentPaths.status), `${text}\n`, { mode: 0o644 }).catch((error: Error) =>
        log("warning", `the state of the link could not be written: ${error.message}`),
      );
    },
  });
  jobs.resume();

  const signal = await new Promise<string>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
  });
  log("info", `stopping on ${signal}`);
  links.link.close();
  watch.close();
  journal.close();
  // A step that is under way is journaled, and the next start settles it.
  process.exit(0);
}
