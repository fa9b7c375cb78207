import type { TracedMessage, TraceEvent } from "./traced-message.ts";

/** The domain of an address, in small letters; empty where it has none. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}

/**
 * What the people of these domains may see of a message, or null when it is none of theirs. A message that was handed in
 * with a sign-in of theirs is theirs whole; of any other, they see what became of their own recipients. The envelope sender
 * says nothing: anybody can write anything there.
 */
export function limitToDomains(
  message: TracedMessage,
  domains: ReadonlySet<string> | null,
): TracedMessage | null {
  if (domains === null) return message;
  if (message.saslUsername !== null && domains.has(domainOf(message.saslUsername))) return message;
  const isOwn = (event: TraceEvent) => {
    if (event.kind === "attempt")
      return domains.has(domainOf(event.to)) || domains.has(domainOf(event.originalTo ?? ""));
    return event.kind === "refused" && event.to !== null && domains.has(domainOf(event.to));
  };
  if (!message.events.some(isOwn)) return null;
  const isAboutSomebodyElse = (event: TraceEvent) =>
    (event.kind === "attempt" || event.kind === "refused") && !isOwn(event);
  return { ...message, events: message.events.filter((event) => !isAboutSomebodyElse(event)) };
}
