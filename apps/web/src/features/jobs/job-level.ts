import { hasEnded, type JobState } from "@mailstead/core/jobs";
import type { Level } from "../../components/level.tsx";

/** The level a state is shown in; null for work that goes on, which is neither good nor bad yet. */
export function jobLevel(state: JobState): Level | null {
  switch (state) {
    case "succeeded":
      return "good";
    case "failed":
    case "timed-out":
      return "trouble";
    case "unknown":
      return "attention";
    case "cancelled":
      return "unknown";
    case "queued":
    case "dispatched":
    case "accepted":
    case "running":
      return null;
  }
}

/** True while a person may still want to watch it. */
export function isActive(state: JobState): boolean {
  return !hasEnded(state);
}
