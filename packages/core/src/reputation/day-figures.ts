import { compareShare, shareBounds } from "./proportion.ts";
import type { ProviderFigures } from "./provider-figures.ts";
import { reputationLimits } from "./reputation-limits.ts";
import { heldBack } from "./sender-figures.ts";

/** What became of one day's mail at one receiver. */
export interface DayFigures {
  readonly messages: number;
  readonly delivered: number;
  readonly deferred: number;
  readonly refused: number;
  /** Of those that were put off, how many for the sender's name or pace. */
  readonly slowed: number;
  /** Of those that were refused, how many for the sender's name. */
  readonly blocked: number;
}

/** How a day went: `few` says too little, `none` nothing at all. */
export type DayLevel = "trouble" | "attention" | "good" | "few" | "none";

const fewMax = 10;

/** The figures of a day of which the counts were summed. */
export function dayFigures({ messages, delivered, deferred, refused, replies }: ProviderFigures): DayFigures {
  return { messages, delivered, deferred, refused, ...heldBack(replies) };
}

/**
 * Judges a day by what a receiver did for the sender's sake; what is the recipients' own does not count. Of a fleet,
 * `heldSenders` says how many were held back by themselves, which the whole would hide.
 */
export function dayLevel(
  { messages, delivered, deferred, refused, slowed, blocked }: DayFigures,
  heldSenders = 0,
): DayLevel {
  const isMany = (count: number) =>
    compareShare(shareBounds(count, Math.max(messages, count)), reputationLimits.deferred) === "above";
  // Where nothing came through all day, it does not matter by which words.
  if (isMany(blocked) || (delivered === 0 && isMany(slowed))) return "trouble";
  if (blocked > 0 || isMany(slowed) || heldSenders > 0) return "attention";
  if (messages + delivered + deferred + refused === 0) return "none";
  return messages < fewMax ? "few" : "good";
}

/** The days of several senders as one. */
export function addDays(one: DayFigures, other: DayFigures): DayFigures {
  return {
    messages: one.messages + other.messages,
    delivered: one.delivered + other.delivered,
    deferred: one.deferred + other.deferred,
    refused: one.refused + other.refused,
    slowed: one.slowed + other.slowed,
    blocked: one.blocked + other.blocked,
  };
}
