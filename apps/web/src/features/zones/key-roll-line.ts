import { type KeyRollStep, keyRollSteps } from "@mailstead/core/zones";
import type { StepStanding } from "../../components/step-line.tsx";

export interface KeyRollStepOnLine {
  step: KeyRollStep;
  standing: StepStanding;
  reachedAt: Date | null;
}

/** The steps of a key's roll in order, with where it stands; one that has ended has nothing current any more. */
export function keyRollLine({
  step,
  reached,
}: {
  step: KeyRollStep;
  reached: readonly { step: KeyRollStep; at: Date }[];
}): KeyRollStepOnLine[] {
  const place = keyRollSteps.indexOf(step);
  return keyRollSteps.map((one, index) => ({
    step: one,
    standing: index < place || step === "done" ? "done" : index === place ? "current" : "coming",
    reachedAt: reached.find((event) => event.step === one)?.at ?? null,
  }));
}
