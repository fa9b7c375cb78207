import { clockWords } from "../text/index.ts";
import { acmeProblemCode, failureSentence, type OrderFailure } from "./acme-problem.ts";
import { spreadOf } from "./spread.ts";

/** What an order becomes after a failure. */
export interface NextAttempt {
  /** temporary: goes well by itself later. permanent: a person has to change something first. */
  kind: "temporary" | "permanent";
  /** When it is tried again by itself; a permanent one too, seldom, because people also act without telling us. */
  retryAt: Date;
  sentence: string;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const firstPauseMs = 2 * minuteMs;
const pauseMaxMs = 6 * hourMs;
/** A CA that says "too many" without saying until when counts in hours. */
const rateLimitPauseMs = hourMs;
/** A Retry-After beyond this is no plan but a mistake; the next try will be told again. */
const retryAfterMaxMs = 7 * dayMs;
/** What the CA refused it will refuse again until somebody acts, and it counts refusals. */
const refusedPauseMs = 20 * hourMs;
/** How soon it is seen that a person has put right what they had to. */
const lookAgainMs = 15 * minuteMs;

/** Problems that say the same until something on our side is changed (RFC 8555 §6.7). */
const permanentCodes: ReadonlySet<string> = new Set([
  "badCSR",
  "badSignatureAlgorithm",
  "caa",
  "compound",
  "connection",
  "dns",
  "externalAccountRequired",
  "incorrectResponse",
  "invalidContact",
  "malformed",
  "rejectedIdentifier",
  "tls",
  "unauthorized",
  "unsupportedContact",
  "unsupportedIdentifier",
  "userActionRequired",
]);

/**
 * Decides when an order is tried again. Each further attempt waits twice as long, spread by certificate, and never
 * less than the CA asked for. Asking again at once for what was refused would only burn the CA's limits.
 */
export function planNextAttempt(
  failure: OrderFailure,
  order: { certificateId: string; attempts: number },
  now: Date,
): NextAttempt {
  const kind = isPermanent(failure) ? "permanent" : "temporary";
  const earliestMs = wantedWaitMs(failure, now);
  const waitMs = Math.max(pauseMs(failure, order), earliestMs);
  const retryAt = new Date(now.getTime() + waitMs);
  return { kind, retryAt, sentence: sentenceOf(failure, { earliestMs, retryAt }) };
}

function isPermanent(failure: OrderFailure): boolean {
  switch (failure.kind) {
    case "ca-unreachable":
    case "bad-chain":
      return false;
    case "not-ready":
      return failure.isPermanent;
    case "ca-problem":
      return failure.retryAt === null && permanentCodes.has(acmeProblemCode(failure.type));
  }
}

function pauseMs(
  failure: OrderFailure,
  { certificateId, attempts }: { certificateId: string; attempts: number },
) {
  // Our own looks cost nobody anything.
  if (failure.kind === "not-ready" && failure.isPermanent) return lookAgainMs;
  const spread = 1 + spreadOf(`${certificateId} ${attempts}`) / 4;
  if (isPermanent(failure)) return Math.round(refusedPauseMs * spread);
  const doubledMs = Math.min(pauseMaxMs, firstPauseMs * 2 ** Math.min(20, Math.max(0, attempts - 1)));
  return Math.round(doubledMs * spread);
}

function wantedWaitMs(failure: OrderFailure, now: Date): number {
  if (failure.kind === "not-ready" || failure.kind === "bad-chain") return 0;
  if (failure.retryAt !== null)
    return Math.min(retryAfterMaxMs, Math.max(0, failure.retryAt.getTime() - now.getTime()));
  const isLimited = failure.kind === "ca-problem" && acmeProblemCode(failure.type) === "rateLimited";
  return isLimited ? rateLimitPauseMs : 0;
}

function sentenceOf(
  failure: OrderFailure,
  { earliestMs, retryAt }: { earliestMs: number; retryAt: Date },
): string {
  const said = failureSentence(failure);
  if (earliestMs === 0) return said;
  return `${said} It is asked again at ${clockWords(retryAt)}.`;
}
