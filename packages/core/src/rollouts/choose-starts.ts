import type { Opening } from "./maintenance-window.ts";
import { badStates, inFlightStates, type MemberState, type RolloutState } from "./rollout.ts";

/** A member as far as its turn goes. */
export interface StartMember {
  readonly serverId: string;
  readonly wave: number;
  readonly position: number;
  readonly state: MemberState;
  /** Whether a canary has proven what it is to get; true of the canaries themselves. */
  readonly isProven: boolean;
  readonly hasWayBack: boolean;
  /** Whether its host was asked how its mail does; of who was left out before that nothing bad is known. */
  readonly wasAsked: boolean;
  readonly isOnline: boolean;
  /** Before this nothing is tried anew; null where nothing was tried yet. */
  readonly notBefore: Date | null;
  /** Names of what it shares with its stand-ins, such as a domain whose mail both take. */
  readonly keepApart: readonly string[];
  /** Whether another server with one of these names is offline, in the rollout or not. */
  readonly isStandInAway: boolean;
  /** Whether another rollout is in the middle of changing this server, or one with one of these names. */
  readonly busyElsewhere: "itself" | "stand-in" | null;
  readonly opening: Opening;
}

export interface Starts {
  readonly serverIds: readonly string[];
  /** Why members of this wave or of those before cannot start now, though it is their turn. */
  readonly waiting: ReadonlyMap<string, string>;
}

/**
 * The members of the waves up to this one that may start now, in their order. Never two that share a name at once, and never
 * one of which another with the same name went wrong; never more in flight than `inFlightMax`. Members of earlier waves
 * that come back late are as welcome as those of the last. On the way back it is the turn of those that have the change.
 */
export function chooseStarts(
  {
    members,
    wave,
    inFlightMax,
    rollout,
  }: { members: readonly StartMember[]; wave: number; inFlightMax: number; rollout: RolloutState },
  now: Date,
): Starts {
  const goesBack = rollout === "rolling-back";
  if (!goesBack && rollout !== "running") return { serverIds: [], waiting: new Map() };
  const inFlight = members.filter(({ state }) => inFlightStates.includes(state));
  const busy = new Set(inFlight.flatMap(({ keepApart }) => keepApart));
  // On the way back the ones that went wrong are no reason to leave the others as they are.
  const broken = new Set(
    goesBack
      ? []
      : members.filter(isHindering).flatMap(({ keepApart }) => keepApart),
  );
  const waiting = new Map<string, string>();
  const serverIds: string[] = [];
  const inTurn = members
    .filter((member) =>
      goesBack
        ? member.state === "succeeded" && member.hasWayBack
        : member.state === "waiting" && member.wave <= wave,
    )
    .toSorted((a, b) => a.wave - b.wave || a.position - b.position);
  for (const member of inTurn) {
    const because = hindrance(member, { busy, broken, goesBack, now });
    if (because !== null) waiting.set(member.serverId, because);
    else if (inFlight.length + serverIds.length < inFlightMax) {
      serverIds.push(member.serverId);
      for (const name of member.keepApart) busy.add(name);
    }
  }
  return { serverIds, waiting };
}

/** One that was left out after a look may be so since its mail is not well. */
function isHindering({ state, wasAsked }: StartMember): boolean {
  return badStates.includes(state) || (state === "left-out" && wasAsked);
}

function hindrance(
  { isOnline, isProven, opening, keepApart, isStandInAway, busyElsewhere, notBefore }: StartMember,
  {
    busy,
    broken,
    goesBack,
    now,
  }: { busy: ReadonlySet<string>; broken: ReadonlySet<string>; goesBack: boolean; now: Date },
): string | null {
  if (!isOnline) return "It is offline.";
  if (!goesBack && !isProven) return "No canary has proven what it is to get.";
  if (busyElsewhere === "itself") return "Another rollout is changing it.";
  // Who goes back wants what was well before, and does not wait for a window.
  if (!goesBack && opening.kind === "closed") return opening.because;
  if (isStandInAway) return "A server that stands in for it is offline.";
  if (keepApart.some((name) => broken.has(name)))
    return "A server that stands in for it is not well after its own change.";
  if (notBefore !== null && notBefore > now) return "It is tried again soon.";
  if (busyElsewhere === "stand-in")
    return "A server that stands in for it is being changed by another rollout.";
  if (keepApart.some((name) => busy.has(name))) return "A server that stands in for it is being changed.";
  return null;
}
