import type { ReplyCategory } from "../delivery/index.ts";
import { compareShare, type ShareBounds, shareBounds } from "./proportion.ts";

/** How a receiver takes mail from an address or a domain; `UNKNOWN` where too little was seen to say. */
export type Reputation = "HIGH" | "MEDIUM" | "LOW" | "BAD" | "UNKNOWN";

/** Replies of one kind within the period. */
export interface ReplyCount {
  readonly temporary: number;
  readonly permanent: number;
  /** Milliseconds since 1970, of the latest permanent one; null without one. */
  readonly lastPermanentAt: number | null;
}

/** What was seen of one sender (an address or a domain) at one receiver. */
export interface SenderFigures {
  /** Messages to recipients that were tried, each counted once however often. */
  readonly messages: number;
  readonly delivered: number;
  readonly replies: Partial<Record<ReplyCategory, ReplyCount>>;
  /** Complaints that receivers tell of. A feedback loop tells of some only, so the share is at least this. */
  readonly complaints: { readonly count: number; readonly delivered: number } | null;
  /** Messages by DMARC's verdict at the receiver, from its aggregate reports. */
  readonly dmarc: { readonly passed: number; readonly total: number } | null;
  /** Block lists that name the sender, and that receivers refuse mail by. */
  readonly listings: readonly {
    readonly zone: string;
    readonly sinceAt: number;
    readonly isCritical: boolean;
  }[];
}

/** One reason for a verdict. `holds` says which level it allows at the best. */
export interface ReputationEvidence {
  readonly code:
    | "blocked"
    | "listed"
    | "throttled"
    | "complaints-high"
    | "complaints-raised"
    | "unknown-users"
    | "deferred"
    | "dmarc-failing"
    | "accepted";
  readonly holds: Reputation;
  readonly share: ShareBounds | null;
  /** What the code speaks of: a zone, or nothing. */
  readonly about: string | null;
  /** Milliseconds since 1970, of its latest sight or its beginning; null where it is of the whole period. */
  readonly at: number | null;
}

/** A verdict with what it rests on, the heaviest first. */
export interface ReputationVerdict {
  readonly reputation: Reputation;
  readonly evidence: readonly ReputationEvidence[];
  /** Messages that it rests on. */
  readonly messages: number;
}

/** What parts the levels. Shares of 1. */
export const reputationLimits = {
  /** Google's and Yahoo's rule for bulk senders: stay under the first, never reach the second. */
  complaintsRaised: 0.001,
  complaintsHigh: 0.003,
  unknownUsers: 0.1,
  deferred: 0.02,
  dmarcPassed: 0.98,
  /** A block counts as of now for a day. */
  blockedForMs: 24 * 3_600_000,
  /** Fewer messages than these do not earn a good name. */
  messagesMin: 100,
} as const;

const order: readonly Reputation[] = ["BAD", "LOW", "MEDIUM", "HIGH", "UNKNOWN"];
const reputationBlocks: readonly ReplyCategory[] = [
  "ip-reputation",
  "ip-blocklist",
  "domain-reputation",
  "domain-blocklist",
];

/**
 * Judges a sender at a receiver by rules that can be read, never by a score. A share alarms only when its lower bound
 * is over the limit, and settles nothing before its upper bound is under it. `now` in milliseconds since 1970.
 */
export function judgeReputation(figures: SenderFigures, now: number): ReputationVerdict {
  const evidence = [
    ...blocks(figures, now),
    ...listings(figures),
    ...throttling(figures),
    ...complaints(figures),
    ...unknownUsers(figures),
    ...deferrals(figures),
    ...authentication(figures),
  ].sort((a, b) => order.indexOf(a.holds) - order.indexOf(b.holds));
  const [heaviest] = evidence;
  if (heaviest !== undefined) return { reputation: heaviest.holds, evidence, messages: figures.messages };
  if (figures.messages < reputationLimits.messagesMin)
    return { reputation: "UNKNOWN", evidence: [], messages: figures.messages };
  return {
    reputation: "HIGH",
    evidence: [
      {
        code: "accepted",
        holds: "HIGH",
        share: shareBounds(figures.delivered, figures.messages),
        about: null,
        at: null,
      },
    ],
    messages: figures.messages,
  };
}

function blocks({ replies, messages }: SenderFigures, now: number): ReputationEvidence[] {
  const latest = Math.max(
    ...reputationBlocks.map((kind) => replies[kind]?.lastPermanentAt ?? Number.NEGATIVE_INFINITY),
  );
  if (latest < now - reputationLimits.blockedForMs) return [];
  const count = sum(reputationBlocks, (kind) => replies[kind]?.permanent);
  return [{ code: "blocked", holds: "BAD", share: shareBounds(count, messages), about: null, at: latest }];
}

function listings({ listings: zones }: SenderFigures): ReputationEvidence[] {
  return zones.map(({ zone, sinceAt, isCritical }) => ({
    code: "listed",
    holds: isCritical ? "BAD" : "MEDIUM",
    share: null,
    about: zone,
    at: sinceAt,
  }));
}

function throttling({ replies, messages }: SenderFigures): ReputationEvidence[] {
  const count = sum(reputationBlocks, (kind) => replies[kind]?.temporary);
  return count === 0
    ? []
    : [{ code: "throttled", holds: "LOW", share: shareBounds(count, messages), about: null, at: null }];
}

function complaints({ complaints: seen }: SenderFigures): ReputationEvidence[] {
  if (seen === null) return [];
  const share = shareBounds(seen.count, seen.delivered);
  if (compareShare(share, reputationLimits.complaintsHigh) === "above")
    return [{ code: "complaints-high", holds: "LOW", share, about: null, at: null }];
  return compareShare(share, reputationLimits.complaintsRaised) === "above"
    ? [{ code: "complaints-raised", holds: "MEDIUM", share, about: null, at: null }]
    : [];
}

function unknownUsers({ replies, messages }: SenderFigures): ReputationEvidence[] {
  const share = shareBounds(replies["unknown-user"]?.permanent ?? 0, messages);
  return compareShare(share, reputationLimits.unknownUsers) === "above"
    ? [{ code: "unknown-users", holds: "LOW", share, about: null, at: null }]
    : [];
}

function deferrals({ replies, messages }: SenderFigures): ReputationEvidence[] {
  const share = shareBounds(replies["rate-limit"]?.temporary ?? 0, messages);
  return compareShare(share, reputationLimits.deferred) === "above"
    ? [{ code: "deferred", holds: "MEDIUM", share, about: null, at: null }]
    : [];
}

function authentication({ dmarc }: SenderFigures): ReputationEvidence[] {
  if (dmarc === null) return [];
  const failed = shareBounds(dmarc.total - dmarc.passed, dmarc.total);
  return compareShare(failed, 1 - reputationLimits.dmarcPassed) === "above"
    ? [{ code: "dmarc-failing", holds: "MEDIUM", share: failed, about: null, at: null }]
    : [];
}

function sum(kinds: readonly ReplyCategory[], read: (kind: ReplyCategory) => number | undefined): number {
  return kinds.reduce((total, kind) => total + (read(kind) ?? 0), 0);
}
