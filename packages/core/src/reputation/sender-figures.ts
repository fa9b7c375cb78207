import type { ReplyCategory } from "../delivery/index.ts";
import type { ShareBounds } from "./proportion.ts";

/** How a receiver takes mail from an address or a domain; `UNKNOWN` where too little was seen to say. */
export type Reputation = "HIGH" | "MEDIUM" | "LOW" | "BAD" | "UNKNOWN";

/** From what hurts most to what says nothing. */
export const reputationOrder: readonly Reputation[] = ["BAD", "LOW", "MEDIUM", "HIGH", "UNKNOWN"];

/** Replies of one kind within the period. */
export interface ReplyCount {
  readonly temporary: number;
  readonly permanent: number;
  /** Milliseconds since 1970, of the latest permanent one; null without one. */
  readonly lastPermanentAt: number | null;
  /** The same of the latest temporary one; where it is left out, it counts as of now. */
  readonly lastTemporaryAt?: number | null;
}

/** Who told of complaints: a feedback loop, or a provider's own page for senders. */
export type ComplaintSource = "feedback-loop" | "google-postmaster" | "snds" | "yahoo";

/** Between which two a share of messages lies, as a provider tells it. */
export interface ToldShare {
  readonly lower: number;
  readonly upper: number;
}

/** Complaints of one source. A feedback loop tells of some only, so the share is at least this. */
export interface ComplaintFigures {
  readonly source: ComplaintSource;
  readonly count: number;
  readonly delivered: number;
  /** Where the source counts itself and tells the share alone; `count` says nothing then. */
  readonly told?: ToldShare;
}

/** A word of a provider's own page for senders: the colour of SNDS, or a rule of Google's that is not kept. */
export interface ProviderWord {
  readonly says: "filter-red" | "filter-yellow" | "rules-unmet";
  /** The rule that is meant; null where there is none. */
  readonly about: string | null;
  readonly at: number;
}

/** A block list that names the sender. */
export interface SenderListing {
  readonly zone: string;
  readonly sinceAt: number;
  /** Many receivers refuse by it. */
  readonly isCritical: boolean;
}

/** What was seen of one sender (an address or a domain) at one receiver. */
export interface SenderFigures {
  /** Messages to recipients that were tried, each counted once however often. */
  readonly messages: number;
  readonly delivered: number;
  readonly replies: Partial<Record<ReplyCategory, ReplyCount>>;
  readonly complaints: readonly ComplaintFigures[];
  /** Messages by DMARC's verdict at the receiver, from its aggregate reports. */
  readonly dmarc: { readonly passed: number; readonly total: number } | null;
  readonly listings: readonly SenderListing[];
  readonly words: readonly ProviderWord[];
}

/** One reason for a verdict. `holds` says which level it allows at the best; `UNKNOWN` that it settles nothing. */
export interface ReputationEvidence {
  readonly code:
    | "blocked"
    | "blocked-before"
    | "listed"
    | "throttled"
    | "throttled-before"
    | "complaints-high"
    | "complaints-raised"
    | "complaints-few"
    | "unknown-users"
    | "deferred"
    | "dmarc-failing"
    | ProviderWord["says"]
    | "like-fleet"
    | "accepted";
  readonly holds: Reputation;
  /** Nought of nought with the bounds that a provider told, where it counts itself. */
  readonly share: ShareBounds | null;
  /** What the code speaks of: a zone, a source, a rule, or nothing. */
  readonly about: string | null;
  /** Milliseconds since 1970, of its latest sight or its beginning; null where it is of the whole period. */
  readonly at: number | null;
  /** How many senders of the fleet it is drawn from; null where it is the sender's own. */
  readonly senders: number | null;
}

/** Messages that were put off or refused for the sender's name or pace; never more than were sent. */
export function troubledOf({ messages, replies }: Pick<SenderFigures, "messages" | "replies">): number {
  const { slowed, blocked } = heldBack(replies);
  return Math.min(slowed + blocked, messages);
}

/** Kinds of reply by which a receiver says that it distrusts the sender itself. */
export const distrust: readonly ReplyCategory[] = [
  "ip-reputation",
  "ip-blocklist",
  "domain-reputation",
  "domain-blocklist",
];

/** Replies that speak of the sender's name or pace: how many put a message off, and how many refused one. */
export function heldBack(replies: SenderFigures["replies"]): { slowed: number; blocked: number } {
  const sum = (read: (kind: ReplyCategory) => number | undefined) =>
    distrust.reduce((total, kind) => total + (read(kind) ?? 0), 0);
  return {
    slowed: sum((kind) => replies[kind]?.temporary) + (replies["rate-limit"]?.temporary ?? 0),
    blocked: sum((kind) => replies[kind]?.permanent),
  };
}
