import { evidenceOf } from "./evidence.ts";
import { evidenceLine } from "./evidence-line.ts";
import type { Fleet } from "./fleet.ts";
import { compareShare, shareBounds } from "./proportion.ts";
import { reputationLimits } from "./reputation-limits.ts";
import {
  type Reputation,
  type ReputationEvidence,
  type SenderFigures,
  troubledOf,
} from "./sender-figures.ts";

/** A verdict with what it rests on, the heaviest first. */
export interface ReputationVerdict {
  readonly reputation: Reputation;
  readonly evidence: readonly ReputationEvidence[];
  /** Messages that it rests on. */
  readonly messages: number;
  /** Messages that are missing to a verdict of the sender's own; nought where there is one. */
  readonly missing: number;
}

/**
 * Judges a sender at a receiver by rules that can be read, never by a score. A share alarms only when its lower bound
 * is over the limit, and settles nothing before its upper bound is under it. Who sent little is judged with the `fleet`
 * where that settles it, and the evidence says so. `now` in milliseconds since 1970.
 */
export function judgeReputation(
  figures: SenderFigures,
  now: number,
  fleet: Fleet | null = null,
): ReputationVerdict {
  const { messages, delivered } = figures;
  const found = evidenceOf(figures, now);
  const [heaviest] = found;
  if (heaviest !== undefined && heaviest.holds !== "UNKNOWN")
    return { reputation: heaviest.holds, evidence: found, messages, missing: 0 };
  const missing = Math.max(reputationLimits.messagesMin - messages, 0);
  const reason =
    missing > 0
      ? likeFleet(figures, fleet)
      : evidenceLine({ code: "accepted", holds: "HIGH", share: shareBounds(delivered, messages) });
  return {
    reputation: reason?.holds ?? "UNKNOWN",
    evidence: reason === null ? found : [reason, ...found],
    messages,
    missing,
  };
}

/** What the sender's few messages say together with those of others, where that settles it. */
function likeFleet(figures: SenderFigures, fleet: Fleet | null): ReputationEvidence | null {
  if (fleet === null || figures.messages < reputationLimits.likeFleetMin) return null;
  const share = shareBounds(troubledOf(figures) + fleet.prior.count, figures.messages + fleet.prior.of);
  const side = compareShare(share, reputationLimits.deferred);
  if (side === "unsettled") return null;
  return evidenceLine({
    code: "like-fleet",
    holds: side === "below" ? "HIGH" : "MEDIUM",
    share,
    senders: fleet.senders,
  });
}
