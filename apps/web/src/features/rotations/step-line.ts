import {
  type RotationCourse,
  type RotationKind,
  type RotationStep,
  rotationSteps,
} from "@mailstead/core/dkim";
import type { StepStanding } from "../../components/step-line.tsx";

export interface StepOnLine {
  step: RotationStep;
  standing: StepStanding;
  /** When it was last reached; null for what is still ahead. */
  reachedAt: Date | null;
}

interface Told {
  kind: string;
  step: RotationStep;
  at: Date;
}

/** Under a name that had another key, resolvers are waited for even after a theft. */
function isPassed(
  one: RotationStep,
  { step, events }: { step: RotationStep; events: readonly Told[] },
): boolean {
  return one === step || events.some((event) => event.kind === "step" && event.step === one);
}

const skippedAfterTheft: readonly RotationStep[] = ["waiting-caches", "watching", "retiring"];
const ending: Readonly<Record<Exclude<RotationCourse, "forward">, readonly RotationStep[]>> = {
  back: ["switching", "retiring", "revoking", "destroying", "done"],
  cancelled: ["destroying", "done"],
};

/**
 * The steps of a rotation in order, with where it stands. One that was turned back shows only its way back: what it had
 * come to before is in its story.
 */
export function stepLine(
  { kind, course, step }: { kind: RotationKind; course: RotationCourse; step: RotationStep },
  events: readonly Told[],
): StepOnLine[] {
  const steps =
    course !== "forward"
      ? ending[course]
      : rotationSteps.filter(
          (one) =>
            kind !== "compromise" || !skippedAfterTheft.includes(one) || isPassed(one, { step, events }),
        );
  const at = steps.indexOf(step);
  const reached = events.filter((event) => ["started", "step", "back", "ended"].includes(event.kind));
  return steps.map((one, place) => ({
    step: one,
    standing: place < at ? "done" : place === at ? "current" : "coming",
    reachedAt: place > at ? null : (reached.findLast((event) => event.step === one)?.at ?? null),
  }));
}
