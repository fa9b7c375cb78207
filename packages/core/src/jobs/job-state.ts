import { z } from "zod";

export const jobStateSchema = z.enum([
  "queued",
  "dispatched",
  "accepted",
  "running",
  "succeeded",
  "failed",
  "timed-out",
  "cancelled",
  "unknown",
]);
export type JobState = z.infer<typeof jobStateSchema>;

/** Something that happened to a job, as the control plane learns of it. */
export type JobEvent =
  | { kind: "sent" }
  | { kind: "delivery-lost" }
  | { kind: "accepted" }
  | { kind: "refused" }
  | { kind: "started" }
  | { kind: "contact-lost" }
  | { kind: "journal-says-accepted" }
  | { kind: "journal-says-running" }
  | { kind: "journal-says-absent" }
  | { kind: "ended"; outcome: "succeeded" | "failed" | "cancelled" }
  | { kind: "deadline-passed" }
  | { kind: "cancelled-by-person" };

const table: Record<JobState, Partial<Record<JobEvent["kind"], JobState>>> = {
  // A job that came back to the queue may still have reached its agent, so what the agent says of it counts.
  queued: {
    sent: "dispatched",
    accepted: "accepted",
    refused: "failed",
    started: "running",
    "journal-says-accepted": "accepted",
    "journal-says-running": "running",
    "cancelled-by-person": "cancelled",
    "deadline-passed": "timed-out",
  },
  dispatched: {
    accepted: "accepted",
    started: "running",
    refused: "failed",
    "delivery-lost": "queued",
    "journal-says-accepted": "accepted",
    "journal-says-running": "running",
    "journal-says-absent": "queued",
    "contact-lost": "queued",
  },
  // An accepted job was fsynced before we heard of it, so a journal without it has been lost: running it again blindly is forbidden.
  accepted: {
    started: "running",
    "contact-lost": "unknown",
    "journal-says-accepted": "accepted",
    "journal-says-running": "running",
    "journal-says-absent": "failed",
  },
  running: {
    "contact-lost": "unknown",
    "journal-says-accepted": "running",
    "journal-says-running": "running",
    "journal-says-absent": "failed",
  },
  // A connection that was given up may still say something; only a new one, which begins with the journal, settles.
  unknown: {
    "journal-says-accepted": "accepted",
    "journal-says-running": "running",
    "journal-says-absent": "failed",
  },
  succeeded: {},
  failed: {},
  "timed-out": {},
  cancelled: {},
};

export const endedJobStates = ["succeeded", "failed", "timed-out", "cancelled"] as const;

/** True when nothing will happen to the job any more. */
export function hasEnded(state: JobState): boolean {
  return (endedJobStates as readonly JobState[]).includes(state);
}

/**
 * The state a job is in after an event, or null when the event does not belong to the state and must be ignored,
 * which is how late and repeated messages stay harmless.
 */
export function nextJobState(state: JobState, event: JobEvent): JobState | null {
  if (event.kind === "ended") return hasEnded(state) ? null : event.outcome;
  return table[state][event.kind] ?? null;
}
