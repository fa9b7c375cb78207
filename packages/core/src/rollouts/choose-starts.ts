import type { Opening } from "./maintenance-window.ts";
import { badStates, inFlightStates, type MemberState, type RolloutState } from "./rollout.ts";

/** A member as far as its turn goes. */
export interface StartMember {
  readonly serverId: string;
  readonly name: string;
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
  /** Keys of what it shares with those that must not be changed with it, such as a domain whose mail both take. */
  readonly keepApart: readonly string[];
  /** Another server with one of these keys that is offline, in the rollout or not. */
  readonly awayStandIn: KeptApart | null;
  /** What another rollout is in the middle of changing: this server, or one with one of these keys. */
  readonly busyElsewhere: "itself" | KeptApart | null;
  readonly opening: Opening;
}

/** Another server by its name, and the key that both share. */
export interface KeptApart {
  readonly key: string;
  readonly name: string;
}

/** What begins the key that servers of one customer share where only one of them is to be changed at once. */
export const customerKeyPrefix = "customer ";

export interface Starts {
  readonly serverIds: readonly string[];
  /** Why members of this wave or of those before cannot start now, though it is their turn. */
  readonly waiting: ReadonlyMap<string, string>;
}

/**
 * The members of the waves up to this one that may start now, in their order. Never two that share a key at once, and never
 * one of which another with the same key went wrong; never more in flight than `inFlightMax`. Members of earlier waves
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
  const busy = namesByKey(inFlight);
  // On the way back the ones that went wrong are no reason to leave the others as they are.
  const broken = namesByKey(goesBack ? [] : members.filter(isHindering));
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
      for (const key of member.keepApart) busy.set(key, member.name);
    }
  }
  return { serverIds, waiting };
}

/** One that was left out after a look may be so since its mail is not well. */
function isHindering({ state, wasAsked }: StartMember): boolean {
  return badStates.includes(state) || (state === "left-out" && wasAsked);
}

function hindrance(
  { isOnline, isProven, opening, keepApart, awayStandIn, busyElsewhere, notBefore }: StartMember,
  { busy, broken, goesBack, now }: { busy: NamesByKey; broken: NamesByKey; goesBack: boolean; now: Date },
): string | null {
  if (!isOnline) return "It is offline.";
  if (!goesBack && !isProven) return "No canary has proven what it is to get.";
  if (busyElsewhere === "itself") return "Another rollout is changing it.";
  // Who goes back wants what was well before, and does not wait for a window.
  if (!goesBack && opening.kind === "closed") return opening.because;
  if (awayStandIn !== null) return sentenceOf(awayStandIn, "is offline");
  const brokenOne = sharedWith(keepApart, broken);
  if (brokenOne !== null) return sentenceOf(brokenOne, "is not well");
  if (notBefore !== null && notBefore > now) return "It is tried again soon.";
  if (busyElsewhere !== null) return sentenceOf(busyElsewhere, "is being changed by another rollout");
  const busyOne = sharedWith(keepApart, busy);
  return busyOne === null ? null : sentenceOf(busyOne, "is being changed");
}

type NamesByKey = ReadonlyMap<string, string>;

function namesByKey(members: readonly StartMember[]): Map<string, string> {
  return new Map(members.flatMap(({ keepApart, name }) => keepApart.map((key) => [key, name] as const)));
}

/** The first server that shares a key with these. */
export function sharedWith(keys: readonly string[], names: NamesByKey): KeptApart | null {
  for (const key of keys) {
    const name = names.get(key);
    if (name !== undefined) return { key, name };
  }
  return null;
}

function sentenceOf({ key, name }: KeptApart, what: string): string {
  const who = key.startsWith(customerKeyPrefix) ? "of the same customer" : "which stands in for it";
  return `${name}, ${who}, ${what}.`;
}
