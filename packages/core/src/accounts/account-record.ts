import { z } from "zod";
import { networkOf } from "../dns/index.ts";
import { accountLimits, accountThresholds } from "./account-thresholds.ts";

const dayMs = 86_400_000;
const count = z.int().nonnegative();

const sumsSchema = z.object({
  recipients: count,
  firstTime: count,
  bounced: count,
  scoreSum: z.number(),
  scored: count,
});
export type Sums = z.infer<typeof sumsSchema>;

/** What a host keeps of how one of its accounts sends. No recipient's address is in it, only numbers made of them. */
export const accountRecordSchema = z.object({
  /** When it was first seen to send, in ms. */
  since: z.number(),
  /** When it was last seen to send. */
  at: z.number(),
  /** Five minutes each, of the time that is judged; `networks` are those that were new to the account. */
  parts: z.array(sumsSchema.extend({ at: z.number(), newNetworks: z.array(z.string()) })),
  /**
   * One for each day on which it sent; an odd one says nothing of what is usual. Of a confirmed one a person has said that
   * its owner sent it; records of earlier agents know of none.
   */
  days: z.array(
    sumsSchema.extend({
      day: z.int(),
      peakHour: count,
      isOdd: z.boolean(),
      isConfirmed: z.boolean().default(false),
    }),
  ),
  /** Numbers of the recipients that it wrote to, the latest last. */
  known: z.array(z.int()),
  networks: z.array(z.string()),
});
export type AccountRecord = z.infer<typeof accountRecordSchema>;
type Part = AccountRecord["parts"][number];
type Day = AccountRecord["days"][number];

/** One recipient of one message that an account sent. */
export interface Sending {
  readonly at: number;
  readonly recipient: string;
  /** From where the account signed in; null where the log does not say. */
  readonly clientAddress: string | null;
  /** False for what is tried again. */
  readonly isFirst: boolean;
  readonly isBounced: boolean;
}

const noSums: Sums = { recipients: 0, firstTime: 0, bounced: 0, scoreSum: 0, scored: 0 };

/** An account that nothing is known of yet. */
export function newAccount(at: number): AccountRecord {
  return { since: at, at, parts: [], days: [], known: [], networks: [] };
}

/** What is known after a sending. Whatever is learned, the record stays within accountLimits. */
export function learnSending(record: AccountRecord, sending: Sending): AccountRecord {
  // The log of a host whose clock went back is counted where it had come to.
  const at = Math.max(sending.at, record.at);
  const number = numberOf(sending.recipient);
  const isKnown = record.known.includes(number);
  const network = sending.clientAddress === null ? null : networkOf(sending.clientAddress);
  const isNewNetwork = network !== null && !record.networks.includes(network);
  const added: Sums = {
    ...noSums,
    recipients: sending.isFirst ? 1 : 0,
    firstTime: sending.isFirst && !isKnown ? 1 : 0,
    bounced: sending.isBounced ? 1 : 0,
  };
  return addSums(
    {
      ...record,
      known: [...record.known.filter((one) => one !== number), number].slice(-accountLimits.recipientsKept),
      networks:
        network === null
          ? record.networks
          : [...record.networks.filter((one) => one !== network), network].slice(-accountLimits.networksKept),
    },
    { at, added, newNetwork: isNewNetwork ? network : null },
  );
}

/**
 * What is known after the spam filter has scored a message of the account. Scores are read beside the log and may be ahead
 * of it or behind, so each counts at its own time and moves nothing of what the log tells.
 */
export function learnScore(
  record: AccountRecord,
  { at, score }: { at: number; score: number },
): AccountRecord {
  const added = { ...noSums, scoreSum: score, scored: 1 };
  const isJudged = partOf(at) > partOf(record.at) - accountThresholds.windowMs;
  return {
    ...record,
    parts: isJudged ? addToParts(record.parts, { at, added, newNetwork: null }) : record.parts,
    days: addToDay(record.days, { at, added, lastHour: 0 }),
  };
}

/** What is known once a held account is released: the last hour is no sign any more, and what a robber sent no habit. */
export function clearAccount(record: AccountRecord, at: number): AccountRecord {
  const today = Math.floor(at / dayMs);
  return {
    ...record,
    parts: [],
    days: record.days.map((day) => (day.day >= today - 1 ? { ...day, isOdd: true } : day)),
  };
}

/**
 * What is known once a person has said that the owner of the account sent this: the last hour is no sign any more, and
 * each day since the alert began is usual for it.
 */
export function confirmAccount(record: AccountRecord, since: number): AccountRecord {
  const from = Math.floor(since / dayMs);
  return {
    ...record,
    parts: [],
    days: record.days.map((day) => (day.day >= from ? { ...day, isOdd: false, isConfirmed: true } : day)),
  };
}

/** Marks the day as odd, so that what a robber sends does not become what is usual. */
export function markOdd(record: AccountRecord, at: number): AccountRecord {
  const today = Math.floor(at / dayMs);
  return { ...record, days: record.days.map((day) => (day.day === today ? { ...day, isOdd: true } : day)) };
}

/** The sums of the time that is judged. */
export function recentSums(record: AccountRecord, now: number): Sums & { newNetworks: number } {
  const from = now - accountThresholds.windowMs;
  const recent = record.parts.filter((part) => part.at + accountLimits.partMs > from);
  return {
    ...recent.reduce<Sums>(plus, noSums),
    newNetworks: new Set(recent.flatMap((part) => part.newNetworks)).size,
  };
}

function addSums(
  record: AccountRecord,
  { at, added, newNetwork }: { at: number; added: Sums; newNetwork: string | null },
): AccountRecord {
  const from = partOf(at) - accountThresholds.windowMs;
  const recent = record.parts.filter((part) => part.at > from);
  const parts = addToParts(recent, { at, added, newNetwork });
  const lastHour = parts.reduce((sum, { recipients }) => sum + recipients, 0);
  return { ...record, at, parts, days: addToDay(record.days, { at, added, lastHour }) };
}

function partOf(at: number): number {
  return Math.floor(at / accountLimits.partMs) * accountLimits.partMs;
}

const partsMax = accountThresholds.windowMs / accountLimits.partMs;

function addToParts(
  parts: readonly Part[],
  { at, added, newNetwork }: { at: number; added: Sums; newNetwork: string | null },
): Part[] {
  const partAt = partOf(at);
  const open = parts.find((part) => part.at === partAt) ?? { ...noSums, at: partAt, newNetworks: [] };
  const part: Part = {
    ...plus(open, added),
    at: partAt,
    newNetworks: [...open.newNetworks, ...(newNetwork === null ? [] : [newNetwork])].slice(
      -accountLimits.networksKept,
    ),
  };
  return [...parts.filter((other) => other.at !== partAt), part].sort((a, b) => a.at - b.at).slice(-partsMax);
}

function addToDay(
  days: readonly Day[],
  { at, added, lastHour }: { at: number; added: Sums; lastHour: number },
): Day[] {
  const today = Math.floor(at / dayMs);
  const open = days.find(({ day }) => day === today) ?? {
    ...noSums,
    day: today,
    peakHour: 0,
    isOdd: false,
    isConfirmed: false,
  };
  const day: Day = { ...open, ...plus(open, added), peakHour: Math.max(open.peakHour, lastHour) };
  return [...days.filter((other) => other.day !== today), day]
    .sort((a, b) => a.day - b.day)
    .slice(-(accountLimits.daysKept + 1));
}

function plus(a: Sums, b: Sums): Sums {
  return {
    recipients: a.recipients + b.recipients,
    firstTime: a.firstTime + b.firstTime,
    bounced: a.bounced + b.bounced,
    scoreSum: a.scoreSum + b.scoreSum,
    scored: a.scored + b.scored,
  };
}

/** FNV-1a of an address: enough to know it again, and far too short to tell it to anybody. */
function numberOf(address: string): number {
  let hash = 0x811c9dc5;
  for (const character of address.toLowerCase()) {
    hash ^= character.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
