import { spreadOf } from "./spread.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** While a domain is new, its records are being published. */
const newForMs = 48 * hourMs;
const newEveryMs = 10 * minuteMs;
const laterEveryMs = 6 * hourMs;

/**
 * When it is looked again whether names of a domain lead to its server, so that its certificate is ordered by itself.
 * Spread by domain, so that a fleet does not ask in one second.
 */
export function nextNameLook({ domainId, addedAt }: { domainId: string; addedAt: Date }, now: Date): Date {
  const everyMs = now.getTime() - addedAt.getTime() < newForMs ? newEveryMs : laterEveryMs;
  return new Date(now.getTime() + Math.round(everyMs * (1 + spreadOf(domainId) / 4)));
}
