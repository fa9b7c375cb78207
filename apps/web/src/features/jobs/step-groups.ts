import type { StepState, StoryStep } from "./job-story.ts";

/** Steps of one kind that say little each, told as one line. */
export interface StepGroup {
  kind: "create-folder" | "make-dkim-key";
  state: StepState;
  steps: readonly StoryStep[];
}

const groupedKinds = ["create-folder", "make-dkim-key"] as const;
const groupsFrom = 3;

/** Gathers what stands side by side in a plan; what failed, was put back or is alone keeps its own line. */
export function groupSteps(steps: readonly StoryStep[]): readonly (StoryStep | StepGroup)[] {
  const lines: (StoryStep | StepGroup)[] = [];
  for (let at = 0; at < steps.length; ) {
    const run = runAt(steps, at);
    const kind = groupedKind(run[0]);
    if (kind === null || run.length < groupsFrom) lines.push(...run);
    else lines.push({ kind, state: stateOf(run), steps: run });
    at += run.length;
  }
  return lines;
}

function runAt(steps: readonly StoryStep[], start: number): readonly StoryStep[] {
  const kind = groupedKind(steps[start]);
  let end = start + 1;
  while (kind !== null && end < steps.length && groupedKind(steps[end]) === kind) end += 1;
  return steps.slice(start, end);
}

function groupedKind(step: StoryStep | undefined): StepGroup["kind"] | null {
  if (step === undefined || step.state === "failed" || step.state === "reverted") return null;
  // A step's id begins with its kind, as the planner names it.
  return groupedKinds.find((kind) => step.id.startsWith(`${kind}:`)) ?? null;
}

function stateOf(steps: readonly StoryStep[]): StepState {
  const has = (state: StepState) => steps.some((step) => step.state === state);
  if (has("running")) return "running";
  if (has("waiting")) return has("changed") || has("unchanged") ? "running" : "waiting";
  if (has("not-reached")) return "not-reached";
  return has("changed") ? "changed" : "unchanged";
}
