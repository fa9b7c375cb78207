import type { ToldOfFinding } from "../checks/index.ts";
import type { FindingSeverity } from "../dns/index.ts";
import { dayWords, momentMark } from "../text/index.ts";
import { dayOf, daysBetween, type FeedKind, feeds } from "./feed.ts";
import { sndsExpiry } from "./snds-expiry.ts";

/** Begins the key of every finding about a feed, so that no other check closes it. */
export const feedFindingPrefix = "feed-";

/** What is known of a feed when it is judged. */
export interface FeedSigns {
  readonly kind: FeedKind;
  readonly label: string;
  /** Newest day that it told of one domain or address; null when it never told any. */
  readonly newestDay: string | null;
  /** Since when it has been connected. */
  readonly since: Date;
  readonly problem: {
    readonly kind: "temporary" | "permanent";
    readonly sentence: string;
    readonly since: Date;
  } | null;
  /** Of SNDS alone: when its link was entered, and when the access to the network was confirmed last. */
  readonly linkedAt: Date | null;
  readonly confirmedAt: Date | null;
}

export type FeedStanding =
  | { readonly kind: "fresh"; readonly ageDays: number }
  | { readonly kind: "stale"; readonly ageDays: number }
  /** It has told nothing yet, and need not have. */
  | { readonly kind: "waiting" }
  /** It ought to have told something by now. */
  | { readonly kind: "silent" };

export interface FeedFinding {
  readonly key: string;
  readonly severity: FindingSeverity;
  /** What is wrong, and what to do. */
  readonly sentence: string;
  readonly told: ToldOfFinding;
}

/** How old a feed's newest day is, against how old it normally is. */
export function feedStanding(
  { kind, newestDay, since }: Pick<FeedSigns, "kind" | "newestDay" | "since">,
  now: Date,
): FeedStanding {
  const { staleFromDays } = feeds[kind];
  if (newestDay !== null) {
    const ageDays = Math.max(0, daysBetween(newestDay, dayOf(now)));
    return { kind: ageDays >= staleFromDays ? "stale" : "fresh", ageDays };
  }
  const waits = daysBetween(dayOf(since), dayOf(now));
  return { kind: waits >= 2 * staleFromDays ? "silent" : "waiting" };
}

/** A problem that goes by itself is told once it has lasted. */
const temporaryToldAfterMs = 24 * 3_600_000;
/** Early, since a link may have been made some days before it was entered, and ends that much sooner. */
const linkToldBeforeMs = 14 * 86_400_000;
const accessToldBeforeMs = 30 * 86_400_000;

/** What a feed has somebody do, as findings. */
export function judgeFeed(signs: FeedSigns, now: Date): FeedFinding[] {
  return [...failing(signs, now), ...stale(signs, now), ...expiring(signs, now)];
}

function failing({ kind, label, problem }: FeedSigns, now: Date): FeedFinding[] {
  if (problem === null) return [];
  const isLasting = now.getTime() - problem.since.getTime() >= temporaryToldAfterMs;
  if (problem.kind === "temporary" && !isLasting) return [];
  return [
    {
      key: `${feedFindingPrefix}failing ${kind} ${label}`.toLowerCase(),
      severity: "warning",
      sentence: `${label} cannot be read: ${problem.sentence}`,
      told: {
        evidence: [`tried in vain since ${momentMark(problem.since)}`, `its answer: ${problem.sentence}`],
      },
    },
  ];
}

function stale(signs: FeedSigns, now: Date): FeedFinding[] {
  const { kind, label, newestDay, problem } = signs;
  const standing = feedStanding(signs, now);
  // What cannot be read is stale for that reason, which is told by itself.
  if (standing.kind !== "stale" || problem !== null) return [];
  const { usualAgeDays } = feeds[kind];
  return [
    {
      key: `${feedFindingPrefix}stale ${kind} ${label}`.toLowerCase(),
      severity: "warning",
      sentence: `The newest figures of ${label} are of ${dayWords(new Date(newestDay ?? 0))}, ${standing.ageDays} days ago; usually they are ${usualAgeDays} ${usualAgeDays === 1 ? "day" : "days"} old. ${staleFix[kind]}`,
      told: {
        evidence: [
          newestDay === null
            ? "it has told of no day yet"
            : `newest day that it told of: ${dayWords(new Date(newestDay))}`,
          `usual: ${usualAgeDays} ${usualAgeDays === 1 ? "day" : "days"} old`,
        ],
      },
    },
  ];
}

const staleFix: Record<FeedKind, string> = {
  "google-postmaster":
    "Google tells nothing of days on which few people at Gmail got mail; if many did, look at the domain in Postmaster Tools.",
  snds: "Microsoft tells nothing of addresses that sent fewer than a hundred messages a day; if they sent more, open the link in a browser and make it anew.",
  yahoo: "Take a newer file from Yahoo's Sender Hub and upload it under Settings, Feeds.",
};

function expiring({ kind, label, linkedAt, confirmedAt }: FeedSigns, now: Date): FeedFinding[] {
  if (kind !== "snds" || linkedAt === null || confirmedAt === null) return [];
  const { linkEndsAt, accessEndsAt } = sndsExpiry({ linkedAt, confirmedAt });
  const key = (code: string) => `${feedFindingPrefix}${code} ${kind} ${label}`.toLowerCase();
  const due = (end: Date, beforeMs: number) => now.getTime() >= end.getTime() - beforeMs;
  const verb = (end: Date) => (now < end ? `ends on ${dayWords(end)}` : `ended on ${dayWords(end)}`);
  return [
    ...(due(linkEndsAt, linkToldBeforeMs)
      ? [
          {
            key: key("link-ends"),
            severity: "warning" as const,
            sentence: `The automated link of ${label} ${verb(linkEndsAt)} at the latest. Make it anew in the SNDS portal under Automated data access, and enter it under Settings, Feeds.`,
            told: { evidence: [`entered ${momentMark(linkedAt)}; Microsoft ends links after 30 days`] },
          },
        ]
      : []),
    ...(due(accessEndsAt, accessToldBeforeMs)
      ? [
          {
            key: key("access-ends"),
            severity: "warning" as const,
            sentence: `Microsoft's access for ${label} ${verb(accessEndsAt)}. Confirm your networks in the SNDS portal, and say under Settings, Feeds that you did.`,
            told: {
              evidence: [`confirmed ${momentMark(confirmedAt)}; Microsoft asks again after ten months`],
            },
          },
        ]
      : []),
  ];
}

/** A domain that Google does not show to the connected account, and what is to be done. */
export function domainNotVerified({
  domain,
  label,
  sentence,
}: {
  domain: string;
  label: string;
  sentence: string;
}): FeedFinding {
  return {
    key: `${feedFindingPrefix}unverified ${label} ${domain}`.toLowerCase(),
    severity: "warning",
    sentence: `${label} tells nothing of ${domain}: ${sentence}`,
    told: { evidence: [`${label}: ${sentence}`] },
  };
}

/** An address that Microsoft blocks. */
export function addressBlocked({ address, reason }: { address: string; reason: string }): FeedFinding {
  return {
    key: `${feedFindingPrefix}blocked ${address}`.toLowerCase(),
    severity: "error",
    sentence: `Microsoft blocks mail from ${address} (SNDS: ${reason}). Find and stop what was sent, then ask for a review at https://olcsupport.office.com/.`,
    told: { evidence: [`Microsoft SNDS: ${address} is blocked, ${reason}`] },
  };
}

/** An address that servers of two customers tell of, one of which cannot have it. */
export function addressContested(address: string): FeedFinding {
  return {
    key: `${feedFindingPrefix}contested ${address}`.toLowerCase(),
    severity: "warning",
    sentence: `${address} is told of by servers of two customers, so what Microsoft says of it is given to neither. Find out whose it is, and take it from the other.`,
    told: { evidence: [`servers of two customers tell of ${address} as their own`] },
  };
}

// Google stops helping above the one and asks to stay below the other (its sender guidelines).
const complaintsHigh = 0.003;
const complaintsRaised = 0.001;

/** A day on which more people complained than a provider bears. Only what is certainly above the limit is told. */
export function complaintsTooHigh(day: {
  kind: FeedKind;
  subject: string;
  day: string;
  lower: number;
}): FeedFinding | null {
  const { kind, subject, lower } = day;
  if (lower <= complaintsRaised) return null;
  const isHigh = lower > complaintsHigh;
  return {
    key: `${feedFindingPrefix}complaints ${kind} ${subject}`.toLowerCase(),
    severity: isHigh ? "error" : "warning",
    sentence: `${feeds[kind].title} says that of the mail of ${subject} on ${dayWords(new Date(day.day))} ${percent(lower)} was marked as spam; ${isHigh ? `above ${percent(complaintsHigh)} mail is refused` : `it ought to stay below ${percent(complaintsRaised)}`}. Find who sends what people do not want, and stop it.`,
    told: {
      evidence: [
        `${feeds[kind].title}: at least ${percent(lower)} of ${dayWords(new Date(day.day))} was marked as spam`,
        `limits: ${percent(complaintsRaised)} is asked for, above ${percent(complaintsHigh)} mail is refused`,
      ],
    },
  };
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
