import type { TakenMessage } from "./sending-client.ts";
import { isVerified, type MessageVerdict } from "./verdict.ts";

/** Something that lasted, in milliseconds since 1970. */
export interface Span {
  readonly name: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface ReceiverTally {
  readonly receiver: string;
  /** Messages all of whose signatures verified. */
  readonly verified: number;
  /** Messages that came with a signature that did not verify, or with none. */
  readonly failed: number;
  /** Messages that a server had taken and that never came. */
  readonly missing: number;
  readonly selectors: readonly {
    readonly selector: string;
    readonly verified: number;
    readonly failed: number;
  }[];
}

export interface RotationReport {
  readonly outcome: string;
  readonly sent: number;
  /** Messages that the servers took per second, from the rotation's first moment to its last. */
  readonly perSecond: number;
  readonly receivers: readonly ReceiverTally[];
  /** The first few verdicts that are failures, to be read by a person. */
  readonly failures: readonly MessageVerdict[];
  readonly steps: readonly Span[];
  readonly faults: readonly Span[];
  /** What the rotation said while it could not go on. */
  readonly alarms: readonly string[];
  /** Names of the new keys that the receivers' resolvers knew not to exist before they were published. */
  readonly namesKnownMissing: number;
}

const failuresShownMax = 10;

/** Counts what each receiver made of the mail. A message that came twice counts once, and as failed if it failed once. */
export function tallyReceivers(
  receivers: readonly string[],
  taken: readonly TakenMessage[],
  verdicts: readonly MessageVerdict[],
): ReceiverTally[] {
  return receivers.map((receiver) => {
    const own = verdicts.filter((verdict) => verdict.receiver === receiver);
    const failed = new Set(own.filter((verdict) => !isVerified(verdict)).map(({ id }) => id));
    const came = new Set(own.map(({ id }) => id));
    return {
      receiver,
      verified: came.size - failed.size,
      failed: failed.size,
      missing: taken.filter(({ id }) => !came.has(id)).length,
      selectors: tallySelectors(own),
    };
  });
}

export function failuresOf(verdicts: readonly MessageVerdict[]): MessageVerdict[] {
  return verdicts.filter((verdict) => !isVerified(verdict)).slice(0, failuresShownMax);
}

/** How many messages per second were taken between two moments. */
export function paceOf(taken: readonly TakenMessage[], { fromMs, untilMs }: Omit<Span, "name">): number {
  const within = taken.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
  return within.length / ((untilMs - fromMs) / 1000);
}

/** What a person reads: the counts, then the steps and faults with their times. */
export function reportText(report: RotationReport): string {
  const startMs = report.steps[0]?.fromMs ?? 0;
  const seconds = (ms: number): string => (ms / 1000).toFixed(1).padStart(6);
  const span = ({ name, fromMs, untilMs }: Span): string =>
    `  ${seconds(fromMs - startMs)} s  ${name}, for ${seconds(untilMs - fromMs).trim()} s`;
  return [
    `sent ${report.sent} messages, ${report.perSecond.toFixed(1)} per second while the rotation went on; it ${report.outcome}`,
    ...report.receivers.flatMap(({ receiver, verified, failed, missing, selectors }) => [
      `${receiver}: ${verified} verified, ${failed} failed, ${missing} missing`,
      ...selectors.map((one) => `  ${one.selector}: ${one.verified} verified, ${one.failed} failed`),
    ]),
    `resolvers had been told of ${report.namesKnownMissing} new names that they do not exist`,
    "steps",
    ...report.steps.map(span),
    "faults",
    ...report.faults.map(span),
    ...report.alarms.map((alarm) => `alarm: ${alarm}`),
    ...report.failures.map((failure) => `failure: ${JSON.stringify(failure)}`),
  ].join("\n");
}

function tallySelectors(verdicts: readonly MessageVerdict[]): ReceiverTally["selectors"] {
  const signatures = verdicts.flatMap((verdict) => verdict.signatures);
  return [...Map.groupBy(signatures, ({ selector }) => selector)]
    .map(([selector, own]) => {
      const verified = own.filter(({ result }) => result === "pass").length;
      return { selector, verified, failed: own.length - verified };
    })
    .toSorted((left, right) => (left.selector < right.selector ? -1 : 1));
}
