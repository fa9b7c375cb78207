import type { ReplyCategory } from "../delivery/index.ts";
import { evidenceLine } from "./evidence-line.ts";
import { compareShare, shareBounds } from "./proportion.ts";
import { reputationLimits } from "./reputation-limits.ts";
import { distrust, type ReputationEvidence, reputationOrder, type SenderFigures } from "./sender-figures.ts";

/** All that speaks against a sender, the heaviest first; what is too little to settle anything last. */
export function evidenceOf(figures: SenderFigures, now: number): readonly ReputationEvidence[] {
  return [
    ...blocks(figures, now),
    ...listings(figures),
    ...throttling(figures, now),
    ...complaints(figures),
    ...unknownUsers(figures),
    ...deferrals(figures),
    ...authentication(figures),
    ...words(figures),
  ].sort((a, b) => reputationOrder.indexOf(a.holds) - reputationOrder.indexOf(b.holds));
}

/** Bad for a day; after that a mark for as long as what was refused is more than a trace. */
function blocks({ replies, messages }: SenderFigures, now: number): ReputationEvidence[] {
  const count = sum((kind) => replies[kind]?.permanent);
  if (count === 0) return [];
  const at = latest((kind) => replies[kind]?.lastPermanentAt);
  const share = shareBounds(count, Math.max(messages, count));
  if (at >= now - reputationLimits.recentForMs)
    return [evidenceLine({ code: "blocked", holds: "BAD", share, at })];
  return compareShare(share, reputationLimits.deferred) === "above"
    ? [evidenceLine({ code: "blocked-before", holds: "MEDIUM", share, at })]
    : [];
}

function listings({ listings: zones }: SenderFigures): ReputationEvidence[] {
  return zones.map(({ zone, sinceAt, isCritical }) =>
    evidenceLine({ code: "listed", holds: isCritical ? "BAD" : "MEDIUM", about: zone, at: sinceAt }),
  );
}

function throttling({ replies, messages }: SenderFigures, now: number): ReputationEvidence[] {
  const count = sum((kind) => replies[kind]?.temporary);
  if (count === 0) return [];
  const at = latest((kind) => {
    const reply = replies[kind];
    if (reply === undefined || reply.temporary === 0) return null;
    return reply.lastTemporaryAt === undefined ? now : reply.lastTemporaryAt;
  });
  const share = shareBounds(count, Math.max(messages, count));
  return at >= now - reputationLimits.recentForMs ||
    compareShare(share, reputationLimits.deferred) === "above"
    ? [evidenceLine({ code: "throttled", holds: "LOW", share, at })]
    : [evidenceLine({ code: "throttled-before", holds: "MEDIUM", share, at })];
}

function complaints({ complaints: sources }: SenderFigures): ReputationEvidence[] {
  return sources.flatMap(({ source, count, delivered, told }) => {
    const share = told === undefined ? shareBounds(count, delivered) : { count: 0, of: 0, ...told };
    if (compareShare(share, reputationLimits.complaintsHigh) === "above")
      return [evidenceLine({ code: "complaints-high", holds: "LOW", share, about: source })];
    const side = compareShare(share, reputationLimits.complaintsRaised);
    if (side === "above")
      return [evidenceLine({ code: "complaints-raised", holds: "MEDIUM", share, about: source })];
    return side === "unsettled" && share.count > 0
      ? [evidenceLine({ code: "complaints-few", holds: "UNKNOWN", share, about: source })]
      : [];
  });
}

function unknownUsers({ replies, messages }: SenderFigures): ReputationEvidence[] {
  const share = shareBounds(replies["unknown-user"]?.permanent ?? 0, messages);
  return compareShare(share, reputationLimits.unknownUsers) === "above"
    ? [evidenceLine({ code: "unknown-users", holds: "LOW", share })]
    : [];
}

function deferrals({ replies, messages }: SenderFigures): ReputationEvidence[] {
  const share = shareBounds(replies["rate-limit"]?.temporary ?? 0, messages);
  return compareShare(share, reputationLimits.deferred) === "above"
    ? [evidenceLine({ code: "deferred", holds: "MEDIUM", share })]
    : [];
}

function authentication({ dmarc }: SenderFigures): ReputationEvidence[] {
  if (dmarc === null) return [];
  const share = shareBounds(dmarc.total - dmarc.passed, dmarc.total);
  return compareShare(share, 1 - reputationLimits.dmarcPassed) === "above"
    ? [evidenceLine({ code: "dmarc-failing", holds: "MEDIUM", share })]
    : [];
}

function words({ words: said }: SenderFigures): ReputationEvidence[] {
  return said.map(({ says, about, at }) =>
    evidenceLine({ code: says, holds: says === "filter-red" ? "LOW" : "MEDIUM", about, at }),
  );
}

function sum(read: (kind: ReplyCategory) => number | undefined): number {
  return distrust.reduce((total, kind) => total + (read(kind) ?? 0), 0);
}

function latest(read: (kind: ReplyCategory) => number | null | undefined): number {
  return Math.max(...distrust.map((kind) => read(kind) ?? Number.NEGATIVE_INFINITY));
}
