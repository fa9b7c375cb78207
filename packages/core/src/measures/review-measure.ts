import type { ReplyCategory } from "../delivery/index.ts";
import type { SeenReply } from "../reputation/index.ts";
import type { MeasureKind, RouteLimits } from "./measure.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Measures that a person starts; a warm-up has stages instead of an end. */
export type StartableKind = Exclude<MeasureKind, "warm-up">;

/** For how long each holds unless somebody says otherwise. */
export const measureHours = {
  "back-off": 24,
  throttle: 72,
  relay: 72,
  "prefer-ipv4": 72,
} as const satisfies Record<StartableKind, number>;

export const measureHoursMax = 168;

/** Google's page on 421-4.7.28: stop for ten minutes, go on with one connection, then add one at a time. */
export const backOff = {
  holdMs: 10 * minuteMs,
  stepMs: 10 * minuteMs,
  /** Once mail flows again, a push-back is to be seen long before the next step. */
  lookMs: 2 * minuteMs,
  /** With so many the provider is taken to accept as before. */
  connectionsEnough: 5,
} as const;

/** What a measure begins with; null where it says nothing of how much. */
export function startingLimits(kind: StartableKind): RouteLimits | null {
  if (kind === "back-off") return backOffLimits(0);
  return kind === "throttle"
    ? { connectionsMax: 2, secondsBetweenMessages: 5, recipientsPerMessageMax: 5 }
    : null;
}

function backOffLimits(connectionsMax: number): RouteLimits {
  return { connectionsMax, secondsBetweenMessages: 0, recipientsPerMessageMax: 10 };
}

/** Replies by which a provider says that it wants less mail, or none, from this address. */
export const pushBackCategories: readonly ReplyCategory[] = [
  "rate-limit",
  "ip-reputation",
  "ip-blocklist",
  "domain-reputation",
  "rdns",
];

/** What was seen of a provider since the measure was last changed. */
export interface MeasureSigns {
  readonly delivered: number;
  /** Attempts that the provider put off or refused because of who we are or how fast we were. */
  readonly pushedBack: number;
}

/** Sums what a provider said, so that a measure can be judged by it. */
export function measureSigns(figures: {
  readonly delivered: number;
  readonly replies: Partial<Record<ReplyCategory, SeenReply>>;
}): MeasureSigns {
  const pushedBack = pushBackCategories.reduce((total, category) => {
    const seen = figures.replies[category];
    return total + (seen === undefined ? 0 : seen.temporary + seen.permanent);
  }, 0);
  return { delivered: figures.delivered, pushedBack };
}

export interface ReviewedMeasure {
  readonly kind: StartableKind;
  readonly limits: RouteLimits | null;
  readonly startedAt: Date;
  readonly endsAt: Date;
  /** When its limits were last changed. */
  readonly steppedAt: Date;
  readonly isProlonged: boolean;
}

export type MeasureReview =
  | { readonly kind: "wait"; readonly until: Date; readonly because: "too-early" | "not-enough-mail" }
  | { readonly kind: "step"; readonly limits: RouteLimits; readonly because: "accepted" | "refused" | "held" }
  | { readonly kind: "prolong"; readonly endsAt: Date }
  | { readonly kind: "end"; readonly because: "accepted" | "expired" };

/** How long before its end a measure is looked at, so that what still needs it is not let go. */
const lookBeforeEndMs = hourMs;

/**
 * What becomes of a measure now. Nothing holds past its end, and it is prolonged once at most, by as long as it was to
 * hold at first; only where the provider still refuses.
 */
export function reviewMeasure(measure: ReviewedMeasure, signs: MeasureSigns, now: Date): MeasureReview {
  if (now >= measure.endsAt) return { kind: "end", because: "expired" };
  const isNearEnd = measure.endsAt.getTime() - now.getTime() <= lookBeforeEndMs;
  if (isNearEnd && !measure.isProlonged && signs.pushedBack > 0)
    return { kind: "prolong", endsAt: new Date(2 * measure.endsAt.getTime() - measure.startedAt.getTime()) };
  if (measure.kind === "back-off" && measure.limits !== null)
    return reviewBackOff({ ...measure, limits: measure.limits }, signs, now);
  const look = new Date(measure.endsAt.getTime() - lookBeforeEndMs);
  return { kind: "wait", until: look > now ? look : measure.endsAt, because: "too-early" };
}

function reviewBackOff(
  { limits: { connectionsMax }, steppedAt, endsAt }: ReviewedMeasure & { limits: RouteLimits },
  signs: MeasureSigns,
  now: Date,
): MeasureReview {
  const isHeld = connectionsMax === 0;
  const due = new Date(steppedAt.getTime() + (isHeld ? backOff.holdMs : backOff.stepMs));
  const wait = (until: Date, because: "too-early" | "not-enough-mail"): MeasureReview => ({
    kind: "wait",
    until: until < endsAt ? until : endsAt,
    because,
  });
  if (!isHeld && signs.pushedBack > 0) return { kind: "step", limits: backOffLimits(0), because: "refused" };
  if (now < due) return wait(isHeld ? due : earlier(due, now.getTime() + backOff.lookMs), "too-early");
  if (isHeld) return { kind: "step", limits: backOffLimits(1), because: "held" };
  if (signs.delivered === 0) return wait(new Date(now.getTime() + backOff.lookMs), "not-enough-mail");
  if (connectionsMax >= backOff.connectionsEnough) return { kind: "end", because: "accepted" };
  return { kind: "step", limits: backOffLimits(connectionsMax + 1), because: "accepted" };
}

function earlier(one: Date, otherMs: number): Date {
  return new Date(Math.min(one.getTime(), otherMs));
}
