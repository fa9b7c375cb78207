import type { JobLane } from "./catalog.ts";
import type { JobState } from "./job-state.ts";

/** What ordering needs to know of a job that has not ended. */
export interface OpenJob {
  readonly id: string;
  readonly sequence: number;
  readonly lane: JobLane;
  readonly state: JobState;
  /** An order that the worker has not signed yet cannot be delivered. */
  readonly isSigned: boolean;
  /** Not wanted any more, or out of time: it must not be sent again before the agent's journal has settled it. */
  readonly isHeldBack: boolean;
}

/** How many jobs of a lane may be with the agent at once, which runs as many beside each other. */
export const jobsInFlightMax: Record<JobLane, number> = { change: 1, diagnostic: 4 };

/**
 * The jobs of one server that may be sent now, in order. A lane is first in, first out: nothing overtakes a job that
 * waits for its signature, and a job whose fate is unknown, or which is held back, holds the lane until the agent's
 * journal has settled it.
 */
export function chooseDeliverableJobs(openJobs: readonly OpenJob[]): readonly OpenJob[] {
  const bySequence = openJobs.toSorted((a, b) => a.sequence - b.sequence);
  return (Object.keys(jobsInFlightMax) as JobLane[])
    .flatMap((lane) => chooseInLane(bySequence.filter((job) => job.lane === lane)))
    .toSorted((a, b) => a.sequence - b.sequence);
}

function chooseInLane(jobs: readonly OpenJob[]): readonly OpenJob[] {
  const lane = jobs[0]?.lane;
  if (lane === undefined) return [];
  const waiting = jobs.filter((job) => job.state === "queued");
  const free = jobsInFlightMax[lane] - (jobs.length - waiting.length);
  const firstStuck = waiting.findIndex((job) => !job.isSigned || job.isHeldBack);
  const ready = firstStuck < 0 ? waiting : waiting.slice(0, firstStuck);
  return ready.slice(0, Math.max(free, 0));
}
