import { shareBounds } from "../reputation/index.ts";

/** What came of attempts to hand on mail. */
export interface Attempts {
  readonly sent: number;
  readonly deferred: number;
  readonly bounced: number;
}

export const sumKinds = ["deferred", "bounced", "rejected"] as const;
export type SumKind = (typeof sumKinds)[number];

interface Share {
  readonly count: number;
  readonly of: number;
}

/** A server that has the change: of each kind what was since, and what is usual there; a kind that nobody knows is missing. */
export interface SummedServer {
  readonly wave: number;
  readonly shares: Readonly<Partial<Record<SumKind, { readonly now: Share; readonly usual: Share }>>>;
}

/** Servers together: how much of their mail met with this since the change, and how much of it usually would. */
export interface SumsPart extends Share {
  /** Null where all waves are meant. */
  readonly wave: number | null;
  readonly about: SumKind;
  readonly servers: number;
  /** The share that is usual for the servers, each by its part in what was since. */
  readonly usualShare: number;
  readonly usualOf: number;
  /** too-few: too little is known to say anything. */
  readonly kind: "as-usual" | "worse" | "too-few";
}

/** What all servers together came to, as it is kept; times are ISO 8601. */
export interface MailSums {
  readonly at: string;
  readonly parts: readonly SumsPart[];
  /** Since when something has been worse at every look; null where nothing is. */
  readonly worseSince: string | null;
}

/** Shares that a person has seen and gone on from. */
export type ForgivenSums = Readonly<Partial<Record<SumKind, number>>>;

export type SumsVerdict = { kind: "well" } | { kind: "suspected" | "worse"; sentence: string };

// Fewer say nothing, whatever their share.
const attemptsMin = 200;
/** One server has a gate of its own; what one alone brings about, such as a mailing, says nothing of the change. */
const serversMin = 2;
// A server that hardly sends has no usual share.
const usualAttemptsMin = 20;
// Attempts come in bunches: one recipient is tried again and again, one mailing meets one receiver. So they prove less than as many single ones.
const bunch = 3;
const z = 1.959964;
/** Between the two looks that have to agree. */
export const sumsSpacingMs = 60_000;

/** By how much a share may grow before it matters. What strangers try at the door differs most from hour to hour. */
const growth: Readonly<Record<SumKind, { readonly min: number; readonly factor: number }>> = {
  deferred: { min: 0.02, factor: 1.5 },
  bounced: { min: 0.02, factor: 1.5 },
  rejected: { min: 0.1, factor: 2 },
};

/**
 * Holds the mail of all servers of each wave, and of all waves, to what is usual for these servers, so that a rise is seen that
 * is too small to be seen on any one of them. Each server is weighed by what it sent since: that busy ones are changed first is no rise,
 * and neither is what would not be there without any one of them.
 */
export function judgeSums(
  servers: readonly SummedServer[],
  { before, forgiven, now }: { before: MailSums | null; forgiven: ForgivenSums; now: Date },
): MailSums {
  const waves = [...new Set(servers.map(({ wave }) => wave))].toSorted((a, b) => a - b);
  const scopes = waves.length > 1 ? [...waves, null] : [null];
  const parts = scopes.flatMap((wave) => {
    const own = wave === null ? servers : servers.filter((one) => one.wave === wave);
    return sumKinds.map((about) => judgePart(own, { wave, about, forgiven: forgiven[about] ?? 0 }));
  });
  const at = now.toISOString();
  const isWorse = parts.some(({ kind }) => kind === "worse");
  return { at, parts, worseSince: isWorse ? (before?.worseSince ?? at) : null };
}

function judgePart(
  servers: readonly SummedServer[],
  { wave, about, forgiven }: { wave: number | null; about: SumKind; forgiven: number },
): SumsPart {
  const known = servers.flatMap(({ shares: { [about]: share } }) =>
    share !== undefined && share.now.of > 0 && share.usual.of >= usualAttemptsMin ? weigh(share) : [],
  );
  const all: Weighed = {
    count: sum(known, (one) => one.count),
    of: sum(known, (one) => one.of),
    expected: sum(known, (one) => one.expected),
    variance: sum(known, (one) => one.variance),
  };
  const { count, of } = all;
  const part = {
    wave,
    about,
    servers: known.length,
    count,
    of,
    usualOf: sum(known, (one) => one.usualOf),
    usualShare: of === 0 ? 0 : all.expected / of,
  };
  if (of < attemptsMin || known.length < serversMin) return { ...part, kind: "too-few" };
  const isWorse = (some: Weighed) => isBeyond(some, { about, forgiven });
  return {
    ...part,
    kind: isWorse(all) && known.every((one) => isWorse(less(all, one))) ? "worse" : "as-usual",
  };
}

/** What some servers did, what they would have done as ever, and how far that may be off, squared. */
interface Weighed extends Share {
  readonly expected: number;
  readonly variance: number;
}

function weigh({ now, usual }: { now: Share; usual: Share }): Weighed & { readonly usualOf: number } {
  return {
    ...now,
    expected: (now.of * usual.count) / usual.of,
    variance: now.of ** 2 * variance(usual),
    usualOf: usual.of,
  };
}

function less(all: Weighed, one: Weighed): Weighed {
  return {
    count: all.count - one.count,
    of: all.of - one.of,
    expected: all.expected - one.expected,
    // Of differences of large numbers, something below nothing may be left.
    variance: Math.max(0, all.variance - one.variance),
  };
}

function isBeyond(
  { count, of, expected, variance }: Weighed,
  { about, forgiven }: { about: SumKind; forgiven: number },
): boolean {
  if (of <= 0) return false;
  const limit = Math.max((expected + z * Math.sqrt(variance)) / of, forgiven);
  const { min, factor } = growth[about];
  const { lower } = shareBounds(count / bunch, of / bunch);
  return lower > Math.max(limit + min, limit * factor);
}

/** How far a usual share may be off; that nothing was ever put off is known of no server. */
function variance({ count, of }: Share): number {
  const share = (count + 1) / (of + 2);
  return (share * (1 - share) * bunch) / of;
}

/** What the sums say to the rollout. Only what two looks found, spaced, is held against it; in between nobody new begins. */
export function verdictOfSums(sums: MailSums | null): SumsVerdict {
  if (sums === null || sums.worseSince === null) return { kind: "well" };
  const worst = sums.parts.filter(({ kind }) => kind === "worse");
  // All waves say it with the most behind it.
  const all = worst.filter(({ wave }) => wave === null);
  const sentence = (all.length > 0 ? all : worst).map(sentenceOf).join(" ");
  const isConfirmed = Date.parse(sums.at) - Date.parse(sums.worseSince) >= sumsSpacingMs;
  return { kind: isConfirmed ? "worse" : "suspected", sentence };
}

/** The shares that are worse now, for a person who goes on from them. */
export function forgiveSums(sums: MailSums | null, already: ForgivenSums): ForgivenSums {
  const forgiven: Partial<Record<SumKind, number>> = { ...already };
  for (const { about, kind, count, of } of sums?.parts ?? [])
    if (kind === "worse") forgiven[about] = Math.max(forgiven[about] ?? 0, count / of);
  return forgiven;
}

const words: Readonly<Record<SumKind, string>> = {
  deferred: "Deferred",
  bounced: "Bounced",
  rejected: "Rejected",
};

function sentenceOf({ wave, about, servers, count, of, usualShare, usualOf }: SumsPart): string {
  const who = wave === null ? "" : wave === 0 ? " of the canary" : ` of wave ${wave}`;
  return `${words[about]} ${percent(count / of)} of ${grouped(of)} attempts since the change, ${percent(usualShare)} of ${grouped(usualOf)} before (${servers} servers${who} together).`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
