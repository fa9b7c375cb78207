import {
  type ConvergePlan,
  type ObservedState,
  planConverge,
  type RenderedStack,
} from "@mailstead/core/converge";
import { renderStack } from "@mailstead/core/mail-flow";
import type { Suite, TargetState } from "@mailstead/core/servers";
import { JobFailure } from "../jobs/job-failure.ts";
import { openSealedSecret, type RawKeyPair } from "../link/keys.ts";
import { observeState } from "../observe/observe-state.ts";
import type { Host } from "../platform/host.ts";

export interface PlannedTarget {
  stack: RenderedStack;
  observed: ObservedState;
  plan: ConvergePlan;
}

export interface PlanInput {
  host: Host;
  suite: Suite;
  sealingKeys: RawKeyPair;
  target: TargetState;
  /** Puts back hand edits whatever the drift policy says. */
  revertsDrift: boolean;
}

/** Renders a target state for this host. Throws JobFailure with the reason when it cannot be rendered. */
export function renderTarget({
  suite,
  sealingKeys,
  target,
}: Omit<PlanInput, "host" | "revertsDrift">): RenderedStack {
  try {
    return renderStack(target, { suite, openSecret: ({ box }) => openSealedSecret(box, sealingKeys) });
  } catch (error) {
    throw new JobFailure(error instanceof Error ? error.message : String(error), {
      retry: "permanent",
      cause: error,
    });
  }
}

/** Observes the host and says what has to be done to bring it to a target state. Changes nothing. */
export async function planTarget(input: PlanInput): Promise<PlannedTarget> {
  const stack = renderTarget(input);
  const observed = await observeState(input.host, stack);
  const plan = planConverge(stack, observed, {
    driftPolicy: input.target.driftPolicy,
    revertsDrift: input.revertsDrift,
  });
  return { stack, observed, plan };
}
