import { answerWithin, type MemberAsk, type RolloutKind } from "@mailstead/core/rollouts";
import type { MemberRow } from "./save-members.ts";

/** A member that awaits something from a moment on, for which no job was made yet. */
export function asked(
  ask: MemberAsk,
  { kind, at }: { kind: RolloutKind; at: Date },
): Pick<MemberRow, "awaits" | "jobId" | "deadlineAt" | "notBefore" | "attempts"> {
  return {
    awaits: ask,
    jobId: null,
    deadlineAt: new Date(at.getTime() + answerWithin(kind, ask)),
    notBefore: null,
    attempts: 1,
  };
}
