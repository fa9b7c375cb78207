import type { DeliveryFinding } from "../findings/index.ts";
import { compareShare, type ShareBounds, shareBounds } from "../reputation/index.ts";
import type { PeriodVerdicts } from "./fold-verdicts.ts";
import { spamMessages, verdictFigures } from "./verdict-figures.ts";
import type { VerdictAction } from "./verdict-words.ts";

/** Begins the key of every finding about what Rspamd decided. */
export const verdictFindingPrefix = "verdict-";

/** What makes the same domain of two looks at a server one finding. */
export function ownSpamKeyOf(domain: string): string {
  return `${verdictFindingPrefix}own-spam ${domain}`;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** The times that are looked at: what is judged now, and for how long an open one waits for mail that says otherwise. */
export const ownSpamSpans = { judgedMs: 6 * hourMs, waitsMs: dayMs, usualMs: 14 * dayMs } as const;

export const ownSpamLimits = {
  /** Below these, one letter that a filter dislikes would be called an outbreak. */
  messagesMin: 10,
  shareMin: 0.05,
  /** More is never usual, whatever it was before. */
  shareMax: 0.2,
  /** How many times the usual share is unusual. */
  times: 3,
  /** A day with fewer messages says nothing of what is usual. */
  usualDayMin: 20,
} as const;

const spamActions: readonly VerdictAction[] = ["marked", "rejected", "discarded"];

export interface OwnSpam {
  readonly share: ShareBounds;
  readonly limit: number;
  /** Median of the days before; null where too little was sent. */
  readonly usual: number | null;
}

/**
 * Judges the outbound mail of one of a server's domains: whether Rspamd holds an unusual part of it to be spam. `hours`
 * are of the time that an open one waits, `days` of the time that tells what is usual. One that is open stays until its
 * share is below the limit for certain, or nothing of it was spam for so long.
 */
export function judgeOwnSpam(
  { hours, days }: { hours: readonly PeriodVerdicts[]; days: readonly PeriodVerdicts[] },
  { isOpen, now }: { isOpen: boolean; now: number },
): OwnSpam | null {
  const lately = hours.filter(({ startsAt }) => startsAt > now - ownSpamSpans.judgedMs - hourMs);
  const share = shareBounds(countSpam(lately), countAll(lately));
  // Today is part of what is judged, so it does not tell what is usual.
  const usual = usualShare(days.filter(({ startsAt }) => startsAt + dayMs <= now - ownSpamSpans.judgedMs));
  const limit = Math.min(
    Math.max((usual ?? 0) * ownSpamLimits.times, ownSpamLimits.shareMin),
    ownSpamLimits.shareMax,
  );
  const where = compareShare(share, limit);
  const holds = isOpen
    ? where !== "below" && countSpam(hours) > 0
    : where === "above" && share.count >= ownSpamLimits.messagesMin;
  return holds ? { share, limit, usual } : null;
}

/** Of some verdicts, how many messages were held to be spam: by what was done with them, or by their score alone. */
export function countSpam(verdicts: readonly PeriodVerdicts[]): number {
  return verdicts.reduce(
    (sum, one) =>
      sum + (spamActions.includes(one.action) ? one.messages : spamMessages(verdictFigures([one]))),
    0,
  );
}

/** Puts it into words. `verdicts` are those of the time that was judged or waited for. */
export function findingOfOwnSpam(
  { share, usual }: OwnSpam,
  { domain, server, verdicts }: { domain: string; server: string; verdicts: readonly PeriodVerdicts[] },
): DeliveryFinding {
  // What was let through is one row with all good mail of its hour, so its reasons tell nothing of the bad.
  const { actions, topSymbols } = verdictFigures(
    verdicts.filter(({ action }) => spamActions.includes(action)),
  );
  const [refused, marked] = [(actions.rejected ?? 0) + (actions.discarded ?? 0), actions.marked ?? 0];
  return {
    severity: share.lower > ownSpamLimits.shareMax ? "error" : "warning",
    sentence: `The spam filter of ${server} holds an unusual part of the mail that ${domain} sends to be spam.`,
    details: {
      category: null,
      provider: null,
      owner: "us-behaviour",
      why: "What this server's own filter takes for spam, receivers will too, and they hold it against the server's address and all its domains.",
      evidence: [
        `${share.count} of ${share.of} messages in six hours; the true share is ${percent(share.lower)} to ${percent(share.upper)} %`,
        usual === null
          ? "too little was sent before to say what is usual"
          : `usual is ${percent(usual)} %, by the two weeks before`,
        `in a day ${refused} were refused, ${marked} marked, and ${countSpam(verdicts) - refused - marked} let through with a score as high`,
        ...(topSymbols.length === 0
          ? []
          : [`because of ${topSymbols.map(({ symbol, messages }) => `${symbol} (${messages})`).join(", ")}`]),
      ],
      fix: {
        steps: [
          `Look on the server's Deliverability tab which accounts of ${domain} send more than usual; a guessed password is the usual cause.`,
          "If one does, hold it and give its mailbox a new password; hold what waits of it in the queue.",
          "If nobody does, look at the program or web form that sends as this domain: a form that anybody fills is the next usual cause.",
          "If the mail is wanted, look at the reasons below and have what they name mended; do not lower the filter's limits.",
        ],
        measure: null,
      },
      runbook: "verdicts.md#our-own-mail-looks-like-spam",
      reply: null,
      figures: null,
      fleet: null,
    },
  };
}

function countAll(verdicts: readonly PeriodVerdicts[]): number {
  return verdicts.reduce((sum, { messages }) => sum + messages, 0);
}

/** The middle day, so that one bad day does not make the next one usual. */
function usualShare(days: readonly PeriodVerdicts[]): number | null {
  const shares = [...Map.groupBy(days, ({ startsAt }) => startsAt).values()]
    .filter((own) => countAll(own) >= ownSpamLimits.usualDayMin)
    .map((own) => countSpam(own) / countAll(own))
    .sort((a, b) => a - b);
  return shares[Math.floor(shares.length / 2)] ?? null;
}

function percent(share: number): number {
  return Math.round(share * 1000) / 10;
}
