import type { ReputationEvidence } from "./sender-figures.ts";

/** An evidence line of which only what it says needs to be named. */
export function evidenceLine(
  said: Pick<ReputationEvidence, "code" | "holds"> & Partial<ReputationEvidence>,
): ReputationEvidence {
  return { share: null, about: null, at: null, senders: null, ...said };
}
