import { answerWithinMs, type MemberAsk } from "@mailstead/core/rollouts";
import type { MemberRow } from "./save-members.ts";

/** A member that awaits something from a moment on, for which no job was made yet. */
export function asked(
  ask: MemberAsk,
  at: Date,
): Pick<MemberRow, "awaits" | "jobId" | "deadlineAt" | "notBefore" | "attempts"> {
  return {
    awaits: ask,
    jobId: null,
    deadlineAt: new Date(at.getTime() + answerWithinMs[ask]),
    notBefore: null,
    attempts: 1,
  };
}
