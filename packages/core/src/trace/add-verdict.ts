import type { ToldVerdict, VerdictAction } from "../verdicts/index.ts";
import { verdictAction } from "../verdicts/index.ts";
import type { TracedMessage } from "./traced-message.ts";

/** What Rspamd decided about the message under a queue id. */
export interface TracedVerdict {
  readonly queueId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly action: VerdictAction;
  readonly score: number;
}

/** What a verdict says of its message for the message's story; null where it does not say which that is. */
export function tracedVerdict({ queueId, at, action, score, symbols }: ToldVerdict): TracedVerdict | null {
  if (queueId === undefined) return null;
  return { queueId, at: at * 1000, action: verdictAction(action, symbols), score };
}

/** Verdicts are told in whole seconds, and Rspamd notes one just after it has answered. */
export const verdictSlackMs = { before: 2_000, after: 30_000 } as const;

/**
 * Tells a message what Rspamd decided about it: the first of these verdicts that was made while it was there, because
 * another message may have had its queue id.
 */
export function addVerdict(message: TracedMessage, verdicts: readonly TracedVerdict[]): TracedMessage {
  const { queueId, beganAt, endedAt } = message;
  const from = beganAt - verdictSlackMs.before;
  const until = endedAt === null ? Number.POSITIVE_INFINITY : endedAt + verdictSlackMs.after;
  const [own] = verdicts
    .filter((one) => one.queueId === queueId && one.at >= from && one.at <= until)
    .toSorted((a, b) => a.at - b.at);
  if (own === undefined) return message;
  const { action, score } = own;
  const judged = { kind: "judged", at: Math.max(own.at, beganAt), action, score } as const;
  return { ...message, events: [judged, ...message.events] };
}
