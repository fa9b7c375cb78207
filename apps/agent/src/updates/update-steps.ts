import type { AptContext } from "../apply/apt.ts";
import { packageUnitName } from "../apply/package-work.ts";
import { stillOpen, takeBack } from "../apply/take-back.ts";
import type { Undo } from "../journal/record.ts";

const steps = {
  ask: { title: "Have apt say what it would do", weight: 2 },
  keep: { title: "Keep the versions that are replaced", weight: 1 },
  install: { title: "Fetch and install exactly these versions", weight: 9 },
  "go-back": { title: "Install the versions that were there before", weight: 8 },
  restart: { title: "Restart what still runs what was replaced", weight: 2 },
} as const;
export type UpdateStep = keyof typeof steps;

/** Tells the steps that the job is about to take. */
export function reportSteps({ job }: AptContext, ids: readonly UpdateStep[]): void {
  job.report({ kind: "plan", steps: ids.map((id) => ({ id, ...steps[id] })) });
}

/**
 * Takes a step in the journal's sight, so that the next agent waits for dpkg where this one is stopped. What dpkg has done
 * stands when a step fails; a step whose dpkg is still at work stays open.
 */
export async function takeStep<T>(context: AptContext, id: UpdateStep, work: () => Promise<T>): Promise<T> {
  const { host, job } = context;
  // What was installed is to be told, and to run, also when nobody wants to wait for it any more.
  if (id !== "restart") job.requireGoOn();
  const undo: Undo =
    id === "restart" ? { kind: "none" } : { kind: "package-work", unit: packageUnitName(job.order.jobId) };
  job.report({ kind: "step-started", stepId: id });
  job.beginStep(id, undo);
  try {
    const result = await work();
    job.endStep(id);
    job.report({ kind: "step-ended", stepId: id, outcome: "changed" });
    return result;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    try {
      await takeBack(host, undo, job);
      job.endStep(id);
    } catch (failure) {
      throw stillOpen(failure, error);
    } finally {
      job.report({ kind: "step-ended", stepId: id, outcome: "failed", detail });
    }
    throw error;
  }
}
