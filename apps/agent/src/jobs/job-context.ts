import type { JobOrder, ProgressBody, ProgressEvent } from "@mailstead/core/jobs";
import { cutText } from "@mailstead/core/text";
import type { Journal } from "../journal/journal.ts";
import type { JournaledJob } from "../journal/ledger.ts";
import type { Undo } from "../journal/record.ts";
import { JobCancelled, JobFailure } from "./job-failure.ts";

/** What a running job has at hand: its order, its story, and the journal of its steps. */
export interface JobContext {
  readonly order: JobOrder;
  /** True when the agent gave itself the job. */
  readonly isOwn: boolean;
  /** Aborted when the job's time is over. */
  readonly signal: AbortSignal;
  report(body: ProgressBody): void;
  logLine(level: "info" | "warning" | "error", text: string): void;
  /** Throws JobFailure when the job's time is over, else JobCancelled when a person asked for it. */
  requireGoOn(): void;
  /** Makes durable, before the step touches anything, how it can be taken back. */
  beginStep(stepId: string, undo: Undo): void;
  endStep(stepId: string): void;
}

const stepIdMaxLength = 200;
const titleMaxLength = 300;
const planMaxBytes = 600_000;
const textMaxLength = 8000;
const diffMaxLength = 65_536;
// A story longer than this helps nobody, and it waits on the host's disk while the line is cut.
const unsentEventsMax = 20_000;

/** Builds the context of a job; `onProgress` is told that there are new events to send. */
export function openJobContext(input: {
  order: JobOrder;
  job: JournaledJob;
  journal: Journal;
  signal: AbortSignal;
  nowUnixMs: () => number;
  onProgress: () => void;
}): JobContext {
  const { order, job, journal, signal, nowUnixMs, onProgress } = input;
  const jobId = order.jobId;
  const context: JobContext = {
    order,
    isOwn: job.isOwn,
    signal,
    report(body) {
      if (job.unsentEvents.length >= unsentEventsMax && body.kind === "log") return;
      const event: ProgressEvent = {
        number: job.progressNumber + 1,
        atUnixMs: nowUnixMs(),
        body: bounded(body),
      };
      journal.append({ kind: "progress", jobId, event }, false);
      onProgress();
    },
    logLine(level, text) {
      context.report({ kind: "log", level, text });
    },
    requireGoOn() {
      if (signal.aborted)
        throw new JobFailure("The job took longer than it may and was stopped between two steps.", {
          retry: "temporary",
        });
      if (job.isCancelRequested) throw new JobCancelled("cancelled");
    },
    beginStep(stepId, undo) {
      journal.append({ kind: "step-begun", jobId, stepId, undo }, true);
    },
    endStep(stepId) {
      journal.append({ kind: "step-ended", jobId, stepId }, true);
    },
  };
  return context;
}

function bounded(body: ProgressBody): ProgressBody {
  switch (body.kind) {
    case "plan":
      return { ...body, steps: boundedSteps(body.steps) };
    case "file-changed":
      return { ...body, diff: cut(body.diff, diffMaxLength) };
    case "log":
      return { ...body, text: cut(body.text, textMaxLength) };
    case "step-ended": {
      const { detail, ...rest } = { ...body, stepId: stepIdOf(body.stepId) };
      return detail === undefined ? rest : { ...rest, detail: cut(detail, textMaxLength) };
    }
    case "step-started":
      return { ...body, stepId: stepIdOf(body.stepId) };
  }
}

type Steps = Extract<ProgressBody, { kind: "plan" }>["steps"];

/** As many steps as one frame carries; thousands of domains added at once make a longer plan than that. */
function boundedSteps(steps: Steps): Steps {
  let room = planMaxBytes;
  return steps
    .map(({ id, title, weight }) => ({ id: stepIdOf(id), title: cutText(title, titleMaxLength), weight }))
    .filter((step) => {
      room -= Buffer.byteLength(JSON.stringify(step));
      return room >= 0;
    });
}

/** What tells steps apart comes first in their ids, so that a long domain name may be cut. */
function stepIdOf(id: string): string {
  return cutText(id, stepIdMaxLength);
}

function cut(text: string, lengthMax: number): string {
  const mark = "\n… cut here";
  return text.length <= lengthMax ? text : cutText(text, lengthMax - mark.length) + mark;
}
