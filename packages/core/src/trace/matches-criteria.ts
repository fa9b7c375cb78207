import { domainOf } from "./limit-to-domains.ts";
import { originalSender } from "./original-sender.ts";
import type { TraceCriteria } from "./trace-question.ts";
import type { TracedMessage } from "./traced-message.ts";

/** Whose mail it is said to be: its envelope sender, or the one before a forwarder wrote itself in. */
export function searchedSender({ from }: Pick<TracedMessage, "from">): string | null {
  return from === null ? null : (originalSender(from) ?? from).toLowerCase();
}

/** Every address by which a message can be found at its recipients' side, in small letters. */
export function searchedRecipients(events: TracedMessage["events"]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const event of events) {
    if (event.kind === "attempt") {
      found.add(event.to.toLowerCase());
      if (event.originalTo !== null) found.add(event.originalTo.toLowerCase());
    } else if (event.kind === "refused" && event.to !== null) found.add(event.to.toLowerCase());
  }
  return found;
}

/** Whether a message is one that is looked for. */
export function matchesCriteria(message: TracedMessage, criteria: TraceCriteria): boolean {
  const { sender, recipient, domain, messageId, queueId, fromUnixMs, untilUnixMs } = criteria;
  const from = searchedSender(message);
  const to = searchedRecipients(message.events);
  const isOfDomain = () => [from ?? "", ...to].some((address) => domainOf(address) === domain);
  return (
    (sender === undefined || from === sender.toLowerCase()) &&
    (recipient === undefined || to.has(recipient.toLowerCase())) &&
    (domain === undefined || isOfDomain()) &&
    (messageId === undefined || message.messageId === bareMessageId(messageId)) &&
    (queueId === undefined || message.queueId === queueId) &&
    (fromUnixMs === undefined || message.beganAt >= fromUnixMs) &&
    (untilUnixMs === undefined || message.beganAt <= untilUnixMs)
  );
}

/** A message-id as the log has it, which people paste with its angle brackets (RFC 5322 §3.6.4). */
export function bareMessageId(text: string): string {
  return text.trim().replace(/^<(.*)>$/s, "$1");
}
