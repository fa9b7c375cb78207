import { type FleetPrior, fitFleetPrior } from "./proportion.ts";
import { reputationLimits } from "./reputation-limits.ts";

/** What an organisation's own senders have in common at one receiver. */
export interface Fleet {
  readonly prior: FleetPrior;
  /** How many senders it is drawn from. */
  readonly senders: number;
}

/**
 * Draws what is usual from those who sent enough to be judged by themselves. Null where they are too few. A sender that
 * is judged with it sent less, and so is never part of what it is judged by.
 */
export function fleetOf(senders: readonly { messages: number; troubled: number }[]): Fleet | null {
  const settled = senders.filter(({ messages }) => messages >= reputationLimits.messagesMin);
  const prior = fitFleetPrior(settled.map(({ messages, troubled }) => ({ count: troubled, of: messages })));
  return prior === null ? null : { prior, senders: settled.length };
}
