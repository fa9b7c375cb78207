import type { RenderedStack, StepKind, StepOf } from "@mailstead/core/converge";
import type { JobContext } from "../jobs/job-context.ts";
import type { Undo } from "../journal/record.ts";
import type { Host } from "../platform/host.ts";

/** What executors work with. */
export interface ApplyContext {
  host: Host;
  job: JobContext;
  stack: RenderedStack;
}

export interface StepResult {
  outcome: "changed" | "unchanged";
  detail?: string;
  changedPaths?: readonly string[];
}

/** How one kind of step is done. */
export interface Executor<K extends StepKind> {
  /**
   * Everything that can be done without touching what services use: staging, checks, copies. Returns how the step is
   * taken back, which is journaled before `apply` runs. Throws JobFailure when the step must not be begun.
   */
  prepare(step: StepOf<K>, context: ApplyContext): Promise<Undo>;
  /** Makes the change and verifies it. Idempotent: what is there already stays. */
  apply(step: StepOf<K>, context: ApplyContext): Promise<StepResult>;
}

/** One executor for each kind of step; a kind without one does not compile. */
export type Executors = { readonly [K in StepKind]: Executor<K> };

export const nothingToUndo: Undo = { kind: "none" };
