import type { RolloutState } from "./rollout.ts";

/** What a person can do to a rollout as a whole. */
export type RolloutSteer = "halt" | "resume" | "stop" | "roll-back";

/** In which states each is possible. */
export const steerableStates: Readonly<Record<RolloutSteer, readonly RolloutState[]>> = {
  halt: ["running"],
  resume: ["halted"],
  stop: ["running", "halted", "rolling-back"],
  "roll-back": ["running", "halted", "stopping", "finished", "stopped"],
};

/** What makes sense now; going back only where some server has the change and a way back. */
export function possibleSteers(state: RolloutState, canGoBack: number): readonly RolloutSteer[] {
  return (Object.keys(steerableStates) as RolloutSteer[]).filter(
    (steer) => steerableStates[steer].includes(state) && (steer !== "roll-back" || canGoBack > 0),
  );
}
