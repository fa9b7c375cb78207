import type { ProviderId, ReplyCategory } from "@mailstead/core/delivery";
import type { DemoServer } from "./fleet.ts";

const dayMs = 86_400_000;

/** What a receiver does with what a server sends in some hour. Shares of a hundred messages. */
export interface Mood {
  readonly refused: number;
  readonly deferred: number;
  readonly category: ReplyCategory;
}

/** How a receiver felt about a server, so long ago; null where there is nothing to tell. */
export function moodOf(
  { history, trouble }: DemoServer,
  { provider, agoMs }: { provider: ProviderId | null; agoMs: number },
): Mood | null {
  const daysAgo = agoMs / dayMs;
  const isBetween = (from: number, to: number) => daysAgo < from && daysAgo >= to;
  if (trouble === "gmail-rate" && provider === "gmail" && daysAgo < 3.2)
    return { refused: 0, deferred: 18, category: "rate-limit" };
  switch (history) {
    case "outlook-recovered":
      if (provider !== "outlook") return null;
      if (isBetween(42, 36)) return block;
      return isBetween(36, 33) ? { refused: 0, deferred: 14, category: "ip-reputation" } : null;
    case "warming":
      return (provider === "gmail" || provider === "outlook" || provider === "microsoft365") &&
        isBetween(warmingDays, 9)
        ? { refused: 0, deferred: 7, category: "rate-limit" }
        : null;
    default:
      return null;
  }
}

const block: Mood = { refused: 100, deferred: 0, category: "ip-reputation" };
const warmingDays = 24;

/** How much of its usual mail a server sends, so long ago: a new one sends nothing before its first day, and then more each day. */
export function paceOf({ history }: DemoServer, agoMs: number): number {
  if (history !== "warming") return 1;
  const age = warmingDays - agoMs / dayMs;
  return age <= 0 ? 0 : Math.min(0.06 * 1.18 ** age, 2.4);
}

/** Messages that were sent at the least: what slows mail down now is there to be seen, on a Sunday too. */
export function leastOf(demo: DemoServer, when: { provider: ProviderId | null; agoMs: number }): number {
  return demo.trouble === "gmail-rate" && moodOf(demo, when) !== null ? 6 : 0;
}
