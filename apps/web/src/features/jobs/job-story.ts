import type { JobState, ProgressBody } from "@mailstead/core/jobs";

/** One numbered event of a job, as the API hands it out. */
export interface JobStoryEvent {
  number: number;
  at: Date;
  body: ProgressBody;
}

export type StepState =
  | "waiting"
  | "running"
  | "changed"
  | "unchanged"
  | "reverted"
  | "failed"
  | "not-reached";

export interface StoryStep {
  id: string;
  title: string;
  weight: number;
  state: StepState;
  startedAt: Date | null;
  endedAt: Date | null;
  detail: string | null;
}

export interface StoryLine {
  number: number;
  at: Date;
  level: "info" | "warning" | "error";
  text: string;
}

export interface StoryFile {
  path: string;
  diff: string;
  number: number;
  /** True when the step that wrote it was taken back, so that the file is as it was before. */
  isPutBack: boolean;
}

export interface JobStory {
  steps: readonly StoryStep[];
  lines: readonly StoryLine[];
  files: readonly StoryFile[];
  /** Number of the last event up to which none is missing. */
  lastNumber: number;
}

/** Adds events to those at hand, in order and each once, however often the line broke and they came again. */
export function joinEvents(
  held: readonly JobStoryEvent[],
  arrived: readonly JobStoryEvent[],
): readonly JobStoryEvent[] {
  const last = held.at(-1)?.number ?? 0;
  const fresh = arrived.filter((event) => event.number > last);
  if (fresh.length === 0) return held;
  if (arrived.length === fresh.length && isAscending(arrived)) return [...held, ...arrived];
  const byNumber = new Map(fresh.map((event) => [event.number, event]));
  return [...held, ...[...byNumber.values()].sort((a, b) => a.number - b.number)];
}

function isAscending(events: readonly JobStoryEvent[]): boolean {
  return events.every((event, index) => index === 0 || event.number > (events[index - 1]?.number ?? 0));
}

/** Tells the story of a job from its events: what each step did, what was logged, which files changed. */
export function tellStory(events: readonly JobStoryEvent[], state: JobState): JobStory {
  const steps = new Map<string, StoryStep>();
  const lines: StoryLine[] = [];
  const files: (Omit<StoryFile, "isPutBack"> & { stepId: string | null })[] = [];
  let stepId: string | null = null;
  let lastNumber = 0;
  for (const { number, at, body } of events) {
    if (number === lastNumber + 1) lastNumber = number;
    switch (body.kind) {
      case "plan":
        for (const step of body.steps)
          if (!steps.has(step.id))
            steps.set(step.id, { ...step, state: "waiting", startedAt: null, endedAt: null, detail: null });
        break;
      case "step-started": {
        const step = steps.get(body.stepId);
        stepId = body.stepId;
        if (step !== undefined) steps.set(body.stepId, { ...step, state: "running", startedAt: at });
        break;
      }
      case "step-ended": {
        const step = steps.get(body.stepId);
        if (step !== undefined)
          steps.set(body.stepId, { ...step, state: body.outcome, endedAt: at, detail: body.detail ?? null });
        break;
      }
      case "file-changed":
        files.push({ path: body.path, diff: body.diff, number, stepId });
        break;
      case "log":
        lines.push({ number, at, level: body.level, text: body.text });
        break;
    }
  }
  const hasStopped = state === "failed" || state === "cancelled" || state === "timed-out";
  return {
    steps: [...steps.values()].map((step) =>
      hasStopped && (step.state === "waiting" || step.state === "running")
        ? { ...step, state: "not-reached" }
        : step,
    ),
    lines,
    files: files.map(({ stepId: of, ...file }) => ({
      ...file,
      isPutBack: steps.get(of ?? "")?.state === "reverted",
    })),
    lastNumber,
  };
}

/** How much of the planned work is done, from 0 to 1 by the weight of the steps; null before there is a plan. */
export function doneShare(steps: readonly StoryStep[]): number | null {
  const total = steps.reduce((sum, step) => sum + step.weight, 0);
  if (total === 0) return null;
  const isDone = (step: StoryStep) => step.endedAt !== null;
  return steps.reduce((sum, step) => sum + (isDone(step) ? step.weight : 0), 0) / total;
}

const estimateFromShare = 0.15;
const estimateFromMs = 4000;

/**
 * How long the rest will take if it goes on as so far, in ms. Null while too little is done to say anything honest.
 */
export function estimateLeftMs(steps: readonly StoryStep[], now: Date): number | null {
  const share = doneShare(steps);
  const startedAt = steps.find((step) => step.startedAt !== null)?.startedAt ?? null;
  if (share === null || startedAt === null || share >= 1) return null;
  const elapsed = now.getTime() - startedAt.getTime();
  if (share < estimateFromShare || elapsed < estimateFromMs) return null;
  return (elapsed / share) * (1 - share);
}

const minuteMs = 60_000;
const roundMs = 5000;

/** An estimate said no more precisely than it is: to five seconds, and to the minute from two minutes on. */
export function roundEstimate(ms: number): number {
  const stepMs = ms < 2 * minuteMs ? roundMs : minuteMs;
  return Math.max(roundMs, Math.round(ms / stepMs) * stepMs);
}
