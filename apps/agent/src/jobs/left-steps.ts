import type { Journal } from "../journal/journal.ts";
import type { JournaledJob } from "../journal/ledger.ts";
import type { JobContext } from "./job-context.ts";
import type { VerbRunner } from "./job-runner.ts";

export interface LeftSteps {
  readonly areThere: boolean;
  /** Takes back all that can be, in order. Throws what the first says that still cannot be. */
  takeBack(job: Pick<JobContext, "signal" | "logLine">): Promise<void>;
}

/**
 * Steps of jobs that have ended and could not be taken back when they failed: a file that could not be written, packages
 * that were still being installed. `onSettled` is told of each job that has no open step any more.
 */
export function createLeftSteps(input: {
  journal: Journal;
  runner: Pick<VerbRunner, "takeBack">;
  onSettled: (job: JournaledJob) => void;
}): LeftSteps {
  const { journal, runner, onSettled } = input;
  const left = () =>
    [...journal.ledger.jobs.values()].filter(({ state, openStep }) => state === "ended" && openStep !== null);

  async function takeAllBack(job: Pick<JobContext, "signal" | "logLine">): Promise<void> {
    const problems: unknown[] = [];
    for (const ended of left())
      await takeBackStep(ended, job).catch((problem: unknown) => problems.push(problem));
    if (problems.length > 0) throw problems[0];
  }

  async function takeBackStep(
    ended: JournaledJob,
    job: Pick<JobContext, "signal" | "logLine">,
  ): Promise<void> {
    if (ended.openStep === null) return;
    const { stepId, undo } = ended.openStep;
    const problem = await runner.takeBack(undo, job);
    journal.append({ kind: "step-ended", jobId: ended.jobId, stepId }, true);
    job.logLine("warning", `What an earlier job had left half done (${stepId}) was taken back.`);
    if (problem !== null) job.logLine("warning", `After that ${problem}.`);
    onSettled(ended);
  }

  // Two at once would put back the same files.
  let turn: Promise<void> = Promise.resolve();
  return {
    get areThere() {
      return left().length > 0;
    },
    takeBack(job) {
      const mine = turn.then(() => takeAllBack(job));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}
