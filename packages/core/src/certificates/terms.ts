import { spreadOf } from "./spread.ts";

/** What an organisation has agreed to, and what the authority's directory says now. */
export interface TermsFacts {
  agreedAt: Date | null;
  /** Where they stood when they were agreed to; null when the directory named no place, or had not been read. */
  agreedUrl: string | null;
  /** Where the directory says that they are; null when it names no place. */
  termsUrl: string | null;
}

/**
 * open: nobody has agreed, so nothing is ordered. changed: the authority has put others in their place, and the owner is
 * asked again. Orders go on meanwhile: what ends for want of a word would stop the mail, and an authority that insists
 * refuses with `userActionRequired` (RFC 8555 §7.3.3).
 */
export type TermsStanding = "open" | "accepted" | "changed";

/** How an organisation stands to its authority's terms. A directory that names none any more takes nothing back. */
export function termsStanding({ agreedAt, agreedUrl, termsUrl }: TermsFacts): TermsStanding {
  if (agreedAt === null) return "open";
  return agreedUrl !== null && termsUrl !== null && agreedUrl !== termsUrl ? "changed" : "accepted";
}

const minuteMs = 60_000;
const lookEveryMs = 24 * 60 * minuteMs;
const firstPauseMs = minuteMs;
const pauseMaxMs = 6 * 60 * minuteMs;

/**
 * When a directory is read again for its terms: daily at a moment of the organisation's own, after a failure sooner, each
 * time twice as long.
 */
export function nextDirectoryLook(
  { organisationId, failures }: { organisationId: string; failures: number },
  now: Date,
): Date {
  const everyMs =
    failures === 0 ? lookEveryMs : Math.min(pauseMaxMs, firstPauseMs * 2 ** Math.min(20, failures - 1));
  return new Date(now.getTime() + Math.round(everyMs * (1 + spreadOf(organisationId) / 4)));
}
