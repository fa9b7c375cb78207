import type { ProviderId } from "../delivery/index.ts";

/** Where receivers tell senders of their mail, beside what they answer to it. */
export const feedKinds = ["google-postmaster", "snds", "yahoo"] as const;
export type FeedKind = (typeof feedKinds)[number];

interface FeedTrait {
  readonly title: string;
  /** Whose figures they are. */
  readonly provider: ProviderId;
  /** What a figure is of: a domain, or an address that mail leaves from. */
  readonly of: "domain" | "address";
  /** How many days old the newest day is while all is well. */
  readonly usualAgeDays: number;
  /** From which age on of its newest day a feed is stale. */
  readonly staleFromDays: number;
}

export const feeds: Readonly<Record<FeedKind, FeedTrait>> = {
  "google-postmaster": {
    title: "Google Postmaster Tools",
    provider: "gmail",
    of: "domain",
    usualAgeDays: 2,
    staleFromDays: 5,
  },
  snds: { title: "Microsoft SNDS", provider: "outlook", of: "address", usualAgeDays: 1, staleFromDays: 4 },
  // A person brings these files, so a week between two is usual.
  yahoo: { title: "Yahoo Sender Hub", provider: "yahoo", of: "domain", usualAgeDays: 7, staleFromDays: 14 },
};

/** A share of messages as a provider tells it: exactly, or only that it lies between two. */
export interface ShareBand {
  readonly lower: number;
  readonly upper: number;
}

/** What a provider told of one domain or address on one day. */
export interface FeedDay {
  /** The domain in lower case, or the address. */
  readonly subject: string;
  /** ISO 8601, like 2026-11-20. */
  readonly day: string;
  /** Messages that the shares are of; null where the provider does not tell. */
  readonly messages: number | null;
  /** Share of delivered messages that people marked as spam; null where the provider tells nothing. */
  readonly complaints: ShareBand | null;
  readonly figures: FeedFigures;
}

/** What only one provider tells. Shares are from 0 to 1. */
export type FeedFigures = GoogleFigures | SndsFigures | YahooFigures;

export interface GoogleFigures {
  readonly kind: "google-postmaster";
  readonly spf: number | null;
  readonly dkim: number | null;
  readonly dmarc: number | null;
  readonly tlsInbound: number | null;
  readonly tlsOutbound: number | null;
  /** Share of attempts that failed, by what Google calls the reason. */
  readonly errors: readonly {
    readonly type: "reject" | "temp_fail";
    reason: string;
    readonly share: number;
  }[];
  /** Complaints by what Feedback-ID headers said; only what enough people complained about. */
  readonly loops: readonly { readonly id: string; readonly share: number }[];
}

export interface SndsFigures {
  readonly kind: "snds";
  /** What Microsoft's filters made of the mail. */
  readonly verdict: "green" | "yellow" | "red" | null;
  readonly trapHits: number | null;
  readonly rcptCommands: number | null;
  readonly dataCommands: number | null;
  readonly comments: string;
  /** Columns that are not known here, as they came. */
  readonly others: Readonly<Record<string, string>>;
}

export interface YahooFigures {
  readonly kind: "yahoo";
  readonly complaints: number | null;
}

/** Share of messages that the filters called spam, by SNDS's colour (its own help page). */
export const spamBandOfVerdict: Readonly<Record<NonNullable<SndsFigures["verdict"]>, ShareBand>> = {
  green: { lower: 0, upper: 0.1 },
  yellow: { lower: 0.1, upper: 0.9 },
  red: { lower: 0.9, upper: 1 },
};

/** Whole days from one day to another, both like 2026-11-20. */
export function daysBetween(from: string, until: string): number {
  return Math.round((Date.parse(until) - Date.parse(from)) / 86_400_000);
}

/** The day of a moment in UTC, like 2026-11-20. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
