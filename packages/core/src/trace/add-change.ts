import type { TraceChange } from "./record-trace.ts";
import { type TracedMessage, unknownFacts } from "./traced-message.ts";

/** The message with what was logged of it since; a new one where nothing is kept yet. Its events stay in their order. */
export function addChange(kept: TracedMessage | null, change: TraceChange): TracedMessage {
  const { queueId, at, facts, events, endedAt } = change;
  if (kept === null)
    return {
      ...unknownFacts,
      ...facts,
      queueId,
      beganAt: at,
      endedAt,
      events: [...events],
      eventsLeftOut: 0,
    };
  return { ...kept, ...facts, endedAt, events: [...kept.events, ...events] };
}

/** Puts together all messages that these changes tell of, in the order in which they began. */
export function assembleMessages(changes: readonly TraceChange[]): readonly TracedMessage[] {
  const messages: TracedMessage[] = [];
  const open = new Map<string, number>();
  for (const change of changes) {
    const { queueId } = change;
    const known = queueId === null || change.begins ? undefined : open.get(queueId);
    const message = addChange(known === undefined ? null : (messages[known] ?? null), change);
    const index = known ?? messages.push(message) - 1;
    messages[index] = message;
    if (queueId === null) continue;
    if (message.endedAt === null) open.set(queueId, index);
    else open.delete(queueId);
  }
  return messages;
}
