import { z } from "zod";
import { shareBounds } from "../reputation/index.ts";
import type { RouteLimits } from "./measure.ts";
import type { MeasureSigns } from "./review-measure.ts";
import { type WarmUpProvider, warmUpProviders, warmUpStages } from "./warm-up-stages.ts";

const dayMs = 86_400_000;
const secondsPerDay = 86_400;

/** How far the warm-up of an address has come at one provider. */
export const warmUpTrackSchema = z.object({
  provider: z.enum(warmUpProviders as [WarmUpProvider, ...WarmUpProvider[]]),
  /** Index of the stage; one past the last is done. */
  stage: z.int().min(0),
  stageSince: z.iso.datetime(),
  /** What was last decided, for whoever reads it. */
  because: z.enum(["started", "enough-accepted", "refused", "not-enough-mail"]),
});
export type WarmUpTrack = z.infer<typeof warmUpTrackSchema>;

export const warmUpRules = {
  stageMinMs: dayMs,
  /** A stage has shown something once this share of what it allows a day was taken. */
  acceptedShareMin: 0.3,
  /** More than this share put off for who we are is too much; asked of the lower bound, so that few do not decide. */
  pushedBackShareMax: 0.05,
} as const;

export function firstTrack(provider: WarmUpProvider, now: Date): WarmUpTrack {
  return { provider, stage: 0, stageSince: now.toISOString(), because: "started" };
}

export function isTrackDone({ provider, stage }: WarmUpTrack): boolean {
  return stage >= warmUpStages[provider].length;
}

/** Messages a day that a track allows; null once it is done. */
export function messagesPerDayMax({ provider, stage }: WarmUpTrack): number | null {
  return warmUpStages[provider][stage] ?? null;
}

/** The limits that hold a day's mail to the stage; null once the track is done. One recipient a message makes them exact. */
export function warmUpLimits(track: WarmUpTrack): RouteLimits | null {
  const perDay = messagesPerDayMax(track);
  if (perDay === null) return null;
  return {
    connectionsMax: 1,
    secondsBetweenMessages: Math.ceil(secondsPerDay / perDay),
    recipientsPerMessageMax: 1,
  };
}

/**
 * The track after a look at what came of its mail since its stage began. Forward by one stage, and only when its time is
 * over and enough was accepted; back by one as soon as the provider pushes back; otherwise it stays and says why.
 */
export function reviewWarmUp(track: WarmUpTrack, signs: MeasureSigns, now: Date): WarmUpTrack {
  const perDay = messagesPerDayMax(track);
  if (perDay === null) return track;
  const at = (stage: number, because: WarmUpTrack["because"]): WarmUpTrack => ({
    ...track,
    stage,
    stageSince: now.toISOString(),
    because,
  });
  const tried = signs.delivered + signs.pushedBack;
  if (tried > 0 && shareBounds(signs.pushedBack, tried).lower > warmUpRules.pushedBackShareMax)
    return at(Math.max(0, track.stage - 1), "refused");
  const age = now.getTime() - new Date(track.stageSince).getTime();
  if (age < warmUpRules.stageMinMs) return track;
  if (signs.delivered < Math.ceil(perDay * warmUpRules.acceptedShareMin))
    return { ...track, because: "not-enough-mail" };
  return at(track.stage + 1, "enough-accepted");
}
