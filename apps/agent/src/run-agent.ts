import { rm } from "node:fs/promises";
import { stackPaths } from "@mailstead/core/mail-flow";
import type { GatewayFrame } from "@mailstead/core/wire";
import { openConnectedMark } from "./agent-update/connected-mark.ts";
import { allowServiceStarts } from "./apply/package-work.ts";
import { endSessions } from "./directory/end-sessions.ts";
import { createJobRunner, type JobRunner } from "./jobs/job-runner.ts";
import { createVerbRunner } from "./jobs/verbs.ts";
import { type Journal, openJournal } from "./journal/journal.ts";
import { isChanging } from "./journal/ledger.ts";
import { readIdentity } from "./link/identity.ts";
import { type Link, type LinkState, openLink } from "./link/link.ts";
import { openRequestDesk, type RequestDesk } from "./link/requests.ts";
import { takeSessionCounter } from "./link/session-counter.ts";
import { clearLeftProbes } from "./mail-check/check-mail.ts";
import { openAptPlan } from "./observe/inventory/apt-plan.ts";
import { openWatch } from "./observe/watch.ts";
import { isDiskFull, pathExists, writeFileAtomically } from "./platform/files.ts";
import type { Host } from "./platform/host.ts";
import { checkHost, readBootId } from "./platform/host-check.ts";
import { log } from "./platform/log.ts";
import { claimHost } from "./platform/only-one.ts";
import { agentPaths } from "./platform/paths.ts";
import { keepTrimmed, prepareTrimming, releaseText } from "./platform/trim-memory.ts";
import { createDriftReverter } from "./reconcile/put-back-drift.ts";
import { openTelemetry, type Telemetry } from "./telemetry/telemetry.ts";

/** Runs until it is told to stop. Throws HostRefusal before anything happens when it may not run here. */
export async function runAgent(host: Host): Promise<void> {
  const kind = await checkHost(host);
  await prepareTrimming();
  releaseText();
  const identity = await readIdentity(host.path(agentPaths.identity), kind.machineId);
  await claimHost(host, process.pid);
  const bootId = await readBootId();
  const journal = await openOwnJournal(host);

  // The link is opened last, when all that its frames go to is there.
  let link: Link | null = null;
  const send: Link["send"] = (frame) => link?.send(frame) ?? false;
  const desk = openRequestDesk(send);
  const aptPlan = openAptPlan(host);
  const watch = openWatch({
    host,
    kind,
    identity,
    bootId,
    aptPlan,
    send,
    isChanging: () => isChanging(journal.ledger),
    clockOffsetMs: () => link?.clockOffsetMs() ?? 0,
    onLooked: () => void jobs.retryLeft(),
    onDrift: (target, drift) => revertDrift(target, drift),
  });
  const telemetry = openTelemetry({ host, identity, aptPlan, send });
  const jobs: JobRunner = createJobRunner({
    identity,
    journal,
    ownerPolicyPath: host.path(agentPaths.ownerPolicy),
    nowUnixMs: host.nowUnixMs,
    clockOffsetMs: () => link?.clockOffsetMs() ?? 0,
    send,
    onIdle: watch.lookSoon,
    runner: createVerbRunner({
      host,
      suite: kind.suite,
      identity,
      requests: desk,
      directoryPath: stackPaths.directoryDatabase,
      telemetryPath: agentPaths.telemetry,
      async readLog() {
        await Promise.all([telemetry.readNow("delivery"), telemetry.readNow("verdicts")]);
      },
      async refreshFacts() {
        await Promise.all([watch.refreshFacts(), telemetry.readNow()]);
      },
      readTelemetry: telemetry.readNow,
    }),
  });
  const revertDrift = createDriftReverter({ host, jobs });
  const markConnected = openConnectedMark(host);
  link = openLink({
    identity,
    bootId,
    takeCounter: () => takeSessionCounter(host.path(agentPaths.sessionCounter)),
    onFrame: (frame) => receiveOnFullDisk(frame, { jobs, desk, telemetry }),
    onLost: desk.connectionLost,
    onWelcome() {
      jobs.greet();
      desk.connected();
      watch.tellAll();
      telemetry.connected();
    },
    onState(state) {
      writeLinkState(host, state);
      markConnected(state.isConnected);
    },
  });
  jobs.resume();
  void endPendingSessions(host);
  clearLeftProbes(host);
  const stopTrimming = keepTrimmed(() => jobs.isIdle());

  log("info", `stopping on ${await toldToStop()}`);
  stopTrimming();
  link.close();
  watch.close();
  telemetry.close();
  journal.close();
  // A step that is under way is journaled, and the next start settles it.
  process.exit(0);
}

/** Opens the journal and clears what an agent that was killed may have left beside it. */
async function openOwnJournal(host: Host): Promise<Journal> {
  const journal = openJournal(host.path(agentPaths.journal), { nowUnixMs: host.nowUnixMs });
  if (journal.damagedLines > 0)
    log("error", `${journal.damagedLines} lines of the journal were altered and have been left out`);
  await rm(host.path(agentPaths.staging), { recursive: true, force: true });
  // Packages may still be at work for a job that is under way; settling that job looks after it.
  const isUnderWay = [...journal.ledger.jobs.values()].some(
    ({ state, openStep }) => state === "running" || openStep?.undo.kind === "package-work",
  );
  if (!isUnderWay) await allowServiceStarts(host);
  return journal;
}

/** Ends the sessions that an agent which was killed had still to end. */
async function endPendingSessions(host: Host): Promise<void> {
  const path = host.path(stackPaths.directoryDatabase);
  try {
    if (await pathExists(path)) await endSessions({ path, host }, log);
  } catch (error) {
    log("warning", `sessions that are to end could not be looked at: ${(error as Error).message}`);
  }
}

interface FrameReceivers {
  readonly jobs: JobRunner;
  readonly desk: RequestDesk;
  readonly telemetry: Telemetry;
}

/** A full disk must not cost the line by which the control plane learns of it. */
function receiveOnFullDisk(frame: GatewayFrame, parts: FrameReceivers): void {
  try {
    receive(frame, parts);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    log("warning", `a frame "${frame.type}" could not be journaled: ${(error as Error).message}`);
  }
}

function receive(frame: GatewayFrame, { jobs, desk, telemetry }: FrameReceivers): void {
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
    case "telemetry-stored":
      telemetry.stored(frame);
      return;
    case "target-state":
    case "directory-changes":
      desk.answer(frame);
      return;
    default:
      // The greeting's own frames were taken by the connection.
      return;
  }
}

function writeLinkState(host: Host, state: LinkState): void {
  const text = JSON.stringify({ ...state, sinceUnixMs: host.nowUnixMs(), processId: process.pid });
  writeFileAtomically(host.path(agentPaths.status), `${text}\n`, { mode: 0o644 }).catch((error: Error) =>
    log("warning", `the state of the link could not be written: ${error.message}`),
  );
}

function toldToStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
  });
}
