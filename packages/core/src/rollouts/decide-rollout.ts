import { type MailSums, verdictOfSums } from "./judge-sums.ts";
import {
  badStates,
  endedRolloutStates,
  type MemberState,
  type RolloutSettings,
  type RolloutState,
  settledStates,
  waveAt,
} from "./rollout.ts";

/** How many members of a wave are in each state; states without one may be missing. */
export interface WaveCounts {
  readonly wave: number;
  readonly counts: Readonly<Partial<Record<MemberState, number>>>;
  /** How many could start, or on the way back go back, if there were room for them. */
  readonly startable: number;
  /** How many cannot, though it is their turn. */
  readonly hindered: number;
}

export interface DecidedRollout {
  readonly state: RolloutState;
  readonly settings: RolloutSettings;
  /** The last wave that may start. */
  readonly wave: number;
  /** The last wave to which a person said yes. */
  readonly approvedWave: number;
  /** How much of what went wrong a person has seen and gone on from. */
  readonly forgivenBad: number;
  /** When servers that are away are waited for no more, also on the way back. */
  readonly catchUpUntil: Date;
  /** The mail of the changed servers together; null where it is not known. */
  readonly sums: MailSums | null;
}

export type RolloutDecision =
  /** Members may start, as far as there is room. */
  | { kind: "go-on" }
  | { kind: "next-wave"; wave: number }
  | { kind: "wait"; because: string }
  | { kind: "ask-approval"; wave: number }
  | { kind: "halt"; because: string }
  /** Those that still wait are waited for no more. */
  | { kind: "leave-out"; because: string }
  | { kind: "end"; as: "finished" | "stopped" | "rolled-back" };

/** A share of the members so far that has to be proven before more are risked. */
const provenShareMin = 0.5;

/**
 * What a rollout does next. A bad canary halts, and so do more bad members over all waves than allowed; a wave follows only
 * when all of the last are settled but those that cannot be reached, and half of all so far are proven.
 */
export function decideRollout(
  rollout: DecidedRollout,
  waves: readonly WaveCounts[],
  now: Date,
): RolloutDecision {
  const { state, settings, wave, forgivenBad } = rollout;
  if (endedRolloutStates.includes(state)) return { kind: "wait", because: "It is over." };
  const moving = count(waves, isMoving);
  if (state === "stopping") return moving > 0 ? waitFor(moving) : { kind: "end", as: "stopped" };
  if (state === "rolling-back") {
    if (waves.some(({ startable }) => startable > 0)) return { kind: "go-on" };
    if (moving > 0) return waitFor(moving);
    const hindered = waves.reduce((sum, one) => sum + one.hindered, 0);
    return hindered > 0 && now < rollout.catchUpUntil
      ? { kind: "wait", because: `${servers(hindered)} cannot go back now.` }
      : { kind: "end", as: "rolled-back" };
  }
  if (state === "halted") return { kind: "wait", because: "A person has to go on or stop." };

  const bad = count(waves, (one) => badStates.includes(one)) - forgivenBad;
  const badCanaries = count(
    waves.filter((one) => one.wave === 0),
    (one) => badStates.includes(one),
  );
  if (bad > 0 && badCanaries > 0 && wave === 0)
    return { kind: "halt", because: `${servers(badCanaries)} of the canary went wrong.` };
  if (bad > settings.badMax)
    return {
      kind: "halt",
      because: `${servers(bad)} went wrong, fell silent or are unknown; ${settings.badMax} may.`,
    };

  const together = verdictOfSums(rollout.sums);
  if (together.kind === "worse") return { kind: "halt", because: together.sentence };
  if (together.kind === "suspected")
    return { kind: "wait", because: `It is looked at once more: ${together.sentence}` };

  const waiting = count(waves, (one) => one === "waiting");
  if (waiting === 0 && moving === 0) return { kind: "end", as: "finished" };
  const decision = decideWave(rollout, waves, { moving, waiting });
  if (decision.kind !== "wait-for-away") return decision;
  return now < rollout.catchUpUntil
    ? { kind: "wait", because: decision.because }
    : { kind: "leave-out", because: "It could not be reached for as long as the rollout waited." };
}

/** Nothing moves, and nothing can but by servers that are away: these alone are waited for no longer than agreed. */
type WaitForAway = { kind: "wait-for-away"; because: string };

function decideWave(
  { settings, wave, approvedWave }: DecidedRollout,
  waves: readonly WaveCounts[],
  { moving, waiting }: { moving: number; waiting: number },
): RolloutDecision | WaitForAway {
  const soFar = waves.filter((one) => one.wave <= wave);
  if (soFar.some(({ startable }) => startable > 0)) return { kind: "go-on" };
  const movingSoFar = count(soFar, isMoving);
  if (movingSoFar > 0) return waitFor(movingSoFar);
  if (wave >= settings.waves.length)
    return { kind: "wait-for-away", because: `${servers(waiting)} cannot be changed now.` };
  const proven = count(soFar, (one) => one === "succeeded");
  const wanted = count(soFar, (one) => one !== "left-out");
  const awaited = count(soFar, (one) => one === "waiting");
  if (awaited > 0 && (wave === 0 || proven < wanted * provenShareMin))
    return {
      kind: "wait-for-away",
      because: `${servers(awaited)} of this wave cannot be changed now, and too few are proven to go on without.`,
    };
  if (proven === 0 && moving === 0 && wave === 0 && wanted > 0)
    return { kind: "halt", because: "No server of the canary was proven." };
  if (wave === 0 && wanted === 0)
    return { kind: "halt", because: "All servers of the canary were left out, so nothing is proven." };
  const next = wave + 1;
  return waveAt(settings, next).needsApproval && approvedWave < next
    ? { kind: "ask-approval", wave: next }
    : { kind: "next-wave", wave: next };
}

function isMoving(state: MemberState): boolean {
  return state !== "waiting" && !settledStates.includes(state);
}

function waitFor(moving: number): RolloutDecision {
  return { kind: "wait", because: `${servers(moving)} ${moving === 1 ? "is" : "are"} on the way.` };
}

function servers(count: number): string {
  return count === 1 ? "1 server" : `${count} servers`;
}

function count(waves: readonly WaveCounts[], is: (state: MemberState) => boolean): number {
  let sum = 0;
  for (const { counts } of waves)
    for (const [state, number] of Object.entries(counts)) if (is(state as MemberState)) sum += number;
  return sum;
}
