import { randomUUID } from "node:crypto";
import {
  type JobLane,
  type JobOrder,
  type JobOutcome,
  type JobRefusal,
  type JobVerb,
  jobCatalog,
  jobOrderSchema,
  jobsInFlightMax,
  type SignedJob,
  supersededProblem,
} from "@mailstead/core/jobs";
import type { AgentFrame } from "@mailstead/core/wire";
import { stillOpen } from "../apply/take-back.ts";
import { type Journal, JournalFull } from "../journal/journal.ts";
import type { JournaledJob } from "../journal/ledger.ts";
import type { Undo } from "../journal/record.ts";
import type { Identity } from "../link/identity.ts";
import { isDiskFull } from "../platform/files.ts";
import { log } from "../platform/log.ts";
import { type JobContext, openJobContext } from "./job-context.ts";
import { outcomeOfError } from "./job-failure.ts";
import { createLeftSteps } from "./left-steps.ts";
import { vetoProblem } from "./owner-policy.ts";
import { takeProgressFrames } from "./progress-frames.ts";
import { verifyOrder } from "./verify-order.ts";

/** Runs a verb, or goes on with one that a stopped agent left open. Resolves with the verb's result or throws. */
export interface VerbRunner {
  run(context: JobContext): Promise<unknown>;
  /** Finishes or takes back what was open when the agent stopped; called before `run` is called again. */
  settle(context: JobContext, job: JournaledJob): Promise<"run-again" | { result: unknown }>;
  /** Takes back a step of a job that has ended; says what is still wrong afterwards. Throws when it cannot be. */
  takeBack(undo: Undo, job: Pick<JobContext, "signal" | "logLine">): Promise<string | null>;
}

const swapsFiles: readonly JobVerb[] = ["converge", "apply-configuration", "restore-configuration"];

export interface JobRunnerInput {
  identity: Identity;
  journal: Journal;
  ownerPolicyPath: string;
  runner: VerbRunner;
  nowUnixMs: () => number;
  /** Gateway's clock less ours, as the last welcome told. */
  clockOffsetMs: () => number;
  /** Sends a frame when connected; false when it was not taken. */
  send: (frame: AgentFrame) => boolean;
  onIdle?: () => void;
}

export interface JobRunner {
  /** Takes a signed job: journals and answers it, then runs it when its lane is free. */
  take(signed: SignedJob): Promise<void>;
  /** Runs a change that the agent gives itself, unless one is under way or waits; says whether it does. */
  takeOwn(own: { verb: JobVerb; args: unknown }): boolean;
  cancel(jobId: string): void;
  progressStored(jobId: string, number: number): void;
  resultStored(jobId: string): void;
  /** Tells a new connection where every unconfirmed job stands, and all that it lacks. */
  greet(): void;
  /** Settles what a stopped agent left open, then starts what waits. */
  resume(): void;
  /** Tries once more to take back what ended jobs left half done, unless a change is under way. */
  retryLeft(): Promise<void>;
  isIdle(): boolean;
}

// Whoever waits longer than this is asked again later.
const leftPatienceMs = 60_000;
// A job that stops the agent every time must not be begun for ever.
const startsMax = 5;

/** Runs jobs: as many of a lane at once as may be with the agent, begun in the order in which they were accepted. */
export function createJobRunner(input: JobRunnerInput): JobRunner {
  const { journal, send, nowUnixMs } = input;
  const { ledger } = journal;
  const running = new Map<string, JobLane>();
  const sentUpTo = new Map<string, number>();
  const leftSteps = createLeftSteps({
    journal,
    runner: input.runner,
    onSettled(job) {
      if (job.isOwn) settle(job);
      sendProgress(job);
      sendEnd(job);
    },
  });

  function orderOf(job: JournaledJob): JobOrder {
    return jobOrderSchema.parse(JSON.parse(job.order));
  }

  function refuse(jobId: string | null, reason: JobRefusal, sentence: string) {
    log("warning", `refused job ${jobId ?? "without a believable id"}: ${sentence}`);
    if (jobId !== null) send({ type: "job-refused", jobId, reason, sentence: sentence.slice(0, 1000) });
  }

  function startWaiting(): void {
    for (const job of ledger.jobs.values()) {
      if (job.state === "ended" || running.has(job.jobId)) continue;
      const lane = jobCatalog[orderOf(job).verb].lane;
      const inLane = [...running.values()].filter((other) => other === lane).length;
      if (inLane >= jobsInFlightMax[lane]) continue;
      running.set(job.jobId, lane);
      void runJob(job).finally(() => {
        running.delete(job.jobId);
        startWaiting();
        if (running.size === 0) input.onIdle?.();
      });
    }
  }

  async function runJob(job: JournaledJob): Promise<void> {
    const order = orderOf(job);
    const signal = AbortSignal.timeout(jobCatalog[order.verb].runWithinMs);
    const context = openJobContext({
      order,
      job,
      journal,
      signal,
      nowUnixMs,
      onProgress: () => scheduleProgress(job),
    });
    let outcome: JobOutcome;
    try {
      outcome = withinFrame({ kind: "succeeded", result: await runOrSettle(job, context) });
    } catch (error) {
      outcome = outcomeOfError(error);
    }
    if (outcome.kind === "failed") log("error", `job ${order.verb} ${job.jobId} failed: ${outcome.problem}`);
    else log("info", `job ${order.verb} ${job.jobId} ${outcome.kind}`);
    journal.append({ kind: "ended", jobId: job.jobId, outcome }, true);
    sendProgress(job);
    sendEnd(job);
    if (job.isOwn) settle(job);
  }

  async function retryLeft(): Promise<void> {
    if (!leftSteps.areThere || [...running.values()].includes("change")) return;
    try {
      await leftSteps.takeBack({ signal: AbortSignal.timeout(leftPatienceMs), logLine: log });
    } catch (error) {
      log("error", `an earlier job's step is still half done: ${(error as Error).message}`);
    }
  }

  /** Forgets a job whose result is stored, unless a step of it is still to be taken back. */
  function settle({ jobId, sequence, expiresAtUnixMs, openStep }: JournaledJob): void {
    if (openStep !== null) return;
    journal.append({ kind: "settled", jobId, sequence, expiresAtUnixMs }, false);
    sentUpTo.delete(jobId);
  }

  async function runOrSettle(job: JournaledJob, context: JobContext): Promise<unknown> {
    const wasInterrupted = job.state === "running";
    if (!wasInterrupted) context.requireGoOn();
    journal.append({ kind: "running", jobId: job.jobId, atUnixMs: nowUnixMs() }, true);
    if (wasInterrupted) {
      context.logLine(
        "warning",
        "The agent was stopped in the middle of this job; it now settles what was open.",
      );
      const settled = await input.runner.settle(context, job);
      if (settled !== "run-again") return settled.result;
      if (job.openStep !== null) context.endStep(job.openStep.stepId);
      if (job.starts > startsMax)
        throw new Error(`the agent was stopped ${job.starts - 1} times while it ran this job`);
      context.requireGoOn();
    }
    // Files that are half swapped would be taken for edits by hand.
    if (swapsFiles.includes(context.order.verb) && leftSteps.areThere)
      await leftSteps.takeBack(context).catch((error: unknown) => {
        throw stillOpen(
          error,
          new Error("Nothing was changed, because an earlier change could not be taken back."),
        );
      });
    return await input.runner.run(context);
  }

  const scheduled = new Set<string>();
  function scheduleProgress(job: JournaledJob): void {
    if (scheduled.has(job.jobId)) return;
    scheduled.add(job.jobId);
    setTimeout(() => {
      scheduled.delete(job.jobId);
      sendProgress(job);
    }, 20);
  }

  function sendProgress(job: JournaledJob): void {
    if (job.isOwn) return;
    const from = sentUpTo.get(job.jobId) ?? job.progressStoredNumber;
    const frames = takeProgressFrames(job.jobId, job.unsentEvents, from);
    if (frames.length === 0) return;
    // What is sent must never be told otherwise after a power cut.
    journal.flush();
    for (const frame of frames) {
      if (!send(frame)) return;
      sentUpTo.set(job.jobId, frame.events.at(-1)?.number ?? from);
    }
  }

  function sendEnd(job: JournaledJob): void {
    if (job.outcome === null || job.isOwn) return;
    const { jobId, progressNumber, outcome } = job;
    send({ type: "job-ended", jobId, progressNumber, outcome });
  }

  let taking: Promise<void> = Promise.resolve();
  async function take(signed: SignedJob): Promise<void> {
    const verified = verifyOrder(signed, {
      identity: input.identity,
      nowUnixMs: nowUnixMs(),
      clockOffsetMs: input.clockOffsetMs(),
    });
    // What was accepted stays so, whatever has become of the copy that comes now.
    const jobId = verified.kind === "good" ? verified.order.jobId : verified.jobId;
    const known = jobId === null ? undefined : ledger.jobs.get(jobId);
    if (known !== undefined) {
      send({ type: "job-accepted", jobId: known.jobId });
      sendProgress(known);
      sendEnd(known);
      return;
    }
    if (verified.kind === "refused") return refuse(verified.jobId, verified.reason, verified.sentence);
    const { order } = verified;
    if (ledger.sequences.has(order.sequence))
      return refuse(
        order.jobId,
        "sequence-reused",
        `this host has already accepted a job with number ${order.sequence}`,
      );
    const superseded = supersededProblem(ledger.highWater, order);
    if (superseded !== null) return refuse(order.jobId, "superseded", superseded);
    const veto = await vetoProblem(input.ownerPolicyPath, order.verb);
    if (veto !== null) return refuse(order.jobId, "vetoed-by-owner", veto);
    try {
      journal.requireRoom();
      journal.append(
        {
          kind: "accepted",
          jobId: order.jobId,
          sequence: order.sequence,
          expiresAtUnixMs: order.expiresAtUnixMs,
          order: signed.order,
        },
        true,
      );
    } catch (error) {
      if (!(error instanceof JournalFull) && !isDiskFull(error)) throw error;
      return refuse(order.jobId, "journal-full", `the job was not accepted: ${(error as Error).message}`);
    }
    send({ type: "job-accepted", jobId: order.jobId });
    startWaiting();
  }

  return {
    take(signed) {
      // One after the other, so that of two orders the one that came first is accepted first.
      const turn = taking.then(() => take(signed));
      taking = turn.catch(() => undefined);
      return turn;
    },
    takeOwn({ verb, args }) {
      const isFree = [...ledger.jobs.values()].every(
        (job) => job.state === "ended" || jobCatalog[orderOf(job).verb].lane !== jobCatalog[verb].lane,
      );
      if (!isFree) return false;
      const nowMs = nowUnixMs();
      const order: JobOrder = {
        formatVersion: 1,
        jobId: randomUUID(),
        serverId: input.identity.serverId,
        sequence: 1,
        verb,
        args,
        issuedAtUnixMs: nowMs,
        expiresAtUnixMs: nowMs + jobCatalog[verb].deliverWithinMs,
      };
      const { jobId, sequence, expiresAtUnixMs } = order;
      journal.requireRoom();
      journal.append(
        { kind: "accepted", jobId, sequence, expiresAtUnixMs, order: JSON.stringify(order), isOwn: true },
        true,
      );
      startWaiting();
      return true;
    },
    cancel(jobId) {
      const job = ledger.jobs.get(jobId);
      if (job === undefined || job.state === "ended" || job.isCancelRequested) return;
      journal.append({ kind: "cancel-requested", jobId }, true);
    },
    progressStored(jobId, number) {
      const job = ledger.jobs.get(jobId);
      if (job === undefined) return;
      // An answer that does not move on means that the gateway lacks what follows it.
      const isStuck = number === job.progressStoredNumber && (sentUpTo.get(jobId) ?? 0) > number;
      if (number > job.progressStoredNumber)
        journal.append(
          { kind: "progress-stored", jobId, number: Math.min(number, job.progressNumber) },
          false,
        );
      if (!isStuck) return;
      sentUpTo.set(jobId, number);
      sendProgress(job);
      sendEnd(job);
    },
    resultStored(jobId) {
      const job = ledger.jobs.get(jobId);
      if (job?.state !== "ended") return;
      settle(job);
    },
    greet() {
      sentUpTo.clear();
      const jobs = [...ledger.jobs.values()].filter((job) => !job.isOwn);
      send({
        type: "journal",
        // Outcomes follow in frames of their own, each after the progress that led to it.
        entries: jobs.map(({ jobId, state, progressNumber }) => ({ jobId, state, progressNumber })),
      });
      for (const job of jobs) {
        sendProgress(job);
        sendEnd(job);
      }
    },
    resume() {
      void retryLeft();
      startWaiting();
    },
    retryLeft,
    isIdle: () => running.size === 0,
  };
}

const outcomeMaxBytes = 900_000;

/** An outcome that no frame can carry would never be confirmed, and its job never end. */
function withinFrame(outcome: JobOutcome): JobOutcome {
  if (Buffer.byteLength(JSON.stringify(outcome)) <= outcomeMaxBytes) return outcome;
  return {
    kind: "failed",
    problem: "The job was done, but its result is too large to be sent.",
    retry: "permanent",
  };
}
