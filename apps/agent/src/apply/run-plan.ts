import type { ConvergePlan, Step, StepKind, StepOf } from "@mailstead/core/converge";
import { JobCancelled, JobFailure } from "../jobs/job-failure.ts";
import type { Undo } from "../journal/record.ts";
import { isDiskFull } from "../platform/files.ts";
import type { ApplyContext, Executor, StepResult } from "./executor.ts";
import { executors } from "./executors.ts";
import { stillOpen, takeBack } from "./take-back.ts";

export interface PlanResult {
  stepsApplied: number;
  changedPaths: string[];
}

/** Runs a plan's steps in order. A step that fails is taken back and ends the job; the steps before it stand. */
export async function runPlan(plan: ConvergePlan, context: ApplyContext): Promise<PlanResult> {
  const { job } = context;
  const result: PlanResult = { stepsApplied: 0, changedPaths: [] };
  if (plan.steps.length === 0) return result;
  reportPlan(plan, job);
  for (const step of plan.steps) {
    job.requireGoOn();
    const done = await runStep(step, context);
    if (done.outcome === "changed") result.stepsApplied += 1;
    result.changedPaths.push(...(done.changedPaths ?? []));
  }
  return result;
}

// A plan of thousands of steps is told in several events, because an event has to fit into a frame.
const stepsPerEventMax = 500;

function reportPlan({ steps }: ConvergePlan, job: ApplyContext["job"]): void {
  for (let from = 0; from < steps.length; from += stepsPerEventMax) {
    const some = steps.slice(from, from + stepsPerEventMax);
    job.report({ kind: "plan", steps: some.map(({ id, title, weight }) => ({ id, title, weight })) });
  }
}

async function runStep<K extends StepKind>(step: StepOf<K>, context: ApplyContext): Promise<StepResult> {
  const { job } = context;
  const executor: Executor<K> = executors[step.kind];
  job.report({ kind: "step-started", stepId: step.id });
  let undo: Undo | null = null;
  try {
    undo = await executor.prepare(step, context);
    job.beginStep(step.id, undo);
    const result = await executor.apply(step, context);
    job.endStep(step.id);
    const { outcome, detail } = result;
    job.report({ kind: "step-ended", stepId: step.id, outcome, ...(detail ? { detail } : {}) });
    return result;
  } catch (error) {
    throw await undone(step, { error, undo, context });
  }
}

/** Takes a failed step back and gives the error that ends the job. */
async function undone(
  step: Step,
  { error, undo, context }: { error: unknown; undo: Undo | null; context: ApplyContext },
): Promise<unknown> {
  const { host, job } = context;
  if (undo === null) {
    job.report({ kind: "step-ended", stepId: step.id, outcome: "failed", detail: sentenceOf(error) });
    return error;
  }
  let left: string | null;
  try {
    left = await takeBack(host, undo, job);
  } catch (failure) {
    // The step stays open in the journal, from which it is taken back later.
    job.report({ kind: "step-ended", stepId: step.id, outcome: "failed", detail: sentenceOf(error) });
    return stillOpen(failure, error);
  }
  job.endStep(step.id);
  const isPutBack = undo.kind === "restore-files" || undo.kind === "restore-links";
  const outcome = isPutBack ? "reverted" : "failed";
  job.report({ kind: "step-ended", stepId: step.id, outcome, detail: sentenceOf(error) });
  if (!isPutBack || error instanceof JobCancelled || isDiskFull(error)) return error;
  const retry = error instanceof JobFailure ? error.retry : "temporary";
  const what = undo.kind === "restore-links" ? "certificate was" : "files were";
  const after =
    left === null
      ? `The previous ${what} put back and the service runs as before.`
      : `The previous ${what} put back, but ${left}.`;
  return new JobFailure(`${sentenceOf(error)} ${after}`, { retry, cause: error });
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
