import { spreadOf } from "./spread.ts";

export interface CertificateLife {
  notBefore: Date;
  notAfter: Date;
}

/** When the CA wishes a certificate to be renewed (RFC 9773 §4.2). */
export interface RenewalWindow {
  start: Date;
  end: Date;
}

export interface RenewalFacts {
  certificateId: string;
  life: CertificateLife;
  /** Null when the CA gives none or could not be asked. */
  window: RenewalWindow | null;
}

/** A short-lived certificate is never renewed later than with this share of its life left. */
const shareLeft = 1 / 3;
/** Up to this share of the life earlier, so that a fleet that was set up in one hour is not renewed in one. */
const jitterShare = 1 / 20;

/**
 * The moment from which a certificate is renewed: inside the CA's window at a place of its own, and without a window
 * with a third of its life left. Never after it has ended, whatever the window says, nor before it began.
 */
export function renewAt({ certificateId, life, window }: RenewalFacts): Date {
  const startMs = life.notBefore.getTime();
  const endMs = life.notAfter.getTime();
  const spread = spreadOf(`${certificateId} ${endMs}`);
  if (window !== null && window.end > window.start) {
    const chosenMs = window.start.getTime() + spread * (window.end.getTime() - window.start.getTime());
    return new Date(Math.max(startMs, Math.min(chosenMs, lastMoment(startMs, endMs))));
  }
  const lifeMs = Math.max(0, endMs - startMs);
  return new Date(Math.round(endMs - lifeMs * (shareLeft + spread * jitterShare)));
}

/** A window that reaches to the end leaves no time to fail and try again. */
function lastMoment(startMs: number, endMs: number): number {
  return endMs - (endMs - startMs) * (shareLeft / 4);
}

/** How long an answer about the window is good for when the CA names no time of its own (RFC 9773 §4.3). */
const windowEveryMs = 6 * 60 * 60_000;
const windowMinMs = 60_000;
const windowMaxMs = 24 * 60 * 60_000;

/**
 * When the CA is asked for its window again: when it says so, within a minute and a day, so that no mistake of its makes
 * us miss that a certificate is to be replaced (RFC 9773 §4.3.3).
 */
export function nextWindowCheck(retryAt: Date | null, now: Date): Date {
  const wantedMs = retryAt === null ? windowEveryMs : retryAt.getTime() - now.getTime();
  return new Date(now.getTime() + Math.min(windowMaxMs, Math.max(windowMinMs, wantedMs)));
}
