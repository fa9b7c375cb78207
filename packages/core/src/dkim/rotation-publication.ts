import type { RotationAsk, RotationFacts } from "./rotation.ts";
import { isPauseOver, publishAgainAfterMs, publishBackoffMs, refusedPauseMs } from "./rotation-timing.ts";
import { isShownByAll } from "./rotation-view.ts";

export interface PublicationMove {
  /** Nothing is wanted, the provider has taken all, or a person was told what to paste. */
  isTaken: boolean;
  asks: readonly RotationAsk[];
  tryAgainAt: Date | null;
  alarm: string | null;
}

/** Whether the provider is to be asked for the wanted records now, and what a person should know of it. */
export function publicationMove(facts: RotationFacts, now: Date): PublicationMove {
  const { publication, wantsRecords } = facts;
  if (!wantsRecords) return { isTaken: true, asks: [], tryAgainAt: null, alarm: null };
  if (publication === null)
    return { isTaken: false, asks: [{ kind: "publish" }], tryAgainAt: null, alarm: null };
  const { kind, triedAt, failures, sentence } = publication;
  // By hand nothing is ever asked again: a provider that is connected later is asked as if it were a first time.
  const pauseMs = {
    published: publishAgainAfterMs,
    "by-hand": publishAgainAfterMs,
    refused: refusedPauseMs,
    failed: publishBackoffMs(failures),
  }[kind];
  const tryAgainAt = new Date(triedAt.getTime() + pauseMs);
  const isTaken = kind === "published" || kind === "by-hand";
  const wantsAgain = !isTaken || !isShownByAll(facts);
  return {
    isTaken,
    asks: wantsAgain && isPauseOver(triedAt, pauseMs, now) ? [{ kind: "publish" }] : [],
    tryAgainAt: wantsAgain ? tryAgainAt : null,
    alarm: isTaken
      ? null
      : `The records could not be published: ${sentence ?? "the DNS provider gave no reason."}`,
  };
}
