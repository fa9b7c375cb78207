import type {
  RotationAsk,
  RotationDecision,
  RotationFacts,
  RotationKey,
  RotationServer,
} from "./rotation.ts";
import { askAgainAfterMs } from "./rotation-timing.ts";

/** The keys of a server that are new with the rotation. */
export function incomingOf({ keys }: RotationServer): readonly RotationKey[] {
  return keys.filter(({ role }) => role === "incoming");
}

/** The keys of a server that signed before the rotation. */
export function outgoingOf({ keys }: RotationServer): readonly RotationKey[] {
  return keys.filter(({ role }) => role === "outgoing");
}

/** Servers that have new keys of this rotation; one that was set up anew meanwhile has others, and takes no part. */
export function participantsOf({ servers }: RotationFacts): readonly RotationServer[] {
  return servers.filter((server) => incomingOf(server).length > 0);
}

/** Whether the host has made every new key. */
export function isMade(server: RotationServer): boolean {
  return incomingOf(server).every((key) => key.isMade);
}

/** Whether all authoritative servers show every new key that was made, and there is one. */
export function isShownByAll(facts: RotationFacts): boolean {
  const made = participantsOf(facts)
    .flatMap(incomingOf)
    .filter((key) => key.isMade);
  return made.length > 0 && made.every(({ shown }) => shown === "all");
}

/** Whether a new key stands under a name under which another one stood. */
export function reusesNames(facts: RotationFacts): boolean {
  return participantsOf(facts)
    .flatMap(incomingOf)
    .some(({ isNameReused }) => isNameReused);
}

export function offlineOf(servers: readonly RotationServer[]): readonly RotationServer[] {
  return servers.filter(({ isOnline }) => !isOnline);
}

/** The servers' names as a part of a sentence. */
export function namesOf(servers: readonly RotationServer[]): string {
  if (servers.length === 0) return "No server";
  return new Intl.ListFormat("en").format(servers.map(({ name }) => name));
}

/** Why the new keys must not sign on; null while nothing speaks against them. */
export function whatFails(servers: readonly RotationServer[]): string | null {
  for (const server of servers) {
    const gone = incomingOf(server).find(({ state, shown }) => state === "signing" && shown === "not");
    if (gone !== undefined)
      return `A name server no longer shows the new key ${gone.selector} of ${server.name}.`;
    const isSigning = incomingOf(server).some(({ state }) => state === "signing");
    if (isSigning && server.test?.state === "failed")
      return `A test signature of ${server.name} does not verify: ${server.test.problem ?? "no reason was given"}`;
  }
  return null;
}

/** Converges to ask for again, because the host has not applied what was asked and none is on its way. */
export function lostConverges(servers: readonly RotationServer[], now: Date): RotationAsk[] {
  return servers
    .filter(
      ({ isOnline, askedRevision, appliedRevision, isKeyMapEdited, hasOpenConverge, convergeAskedAt }) =>
        isOnline &&
        !hasOpenConverge &&
        (appliedRevision < askedRevision || isKeyMapEdited) &&
        (convergeAskedAt === null || now.getTime() - convergeAskedAt.getTime() >= askAgainAfterMs),
    )
    .map(({ serverId }) => ({ kind: "converge", serverId }));
}

interface Waiting {
  waitsFor: string;
  until?: Date | null;
  lookAgainMs: number;
  /** Sooner than `lookAgainMs` says, when something is due then. */
  lookAgainAt?: Date | null;
  alarm?: string | null;
  asks?: readonly RotationAsk[];
}

/** A decision to wait, which looks again when its time is over at the latest. */
export function wait(
  now: Date,
  { waitsFor, until = null, lookAgainMs, lookAgainAt = null, alarm = null, asks = [] }: Waiting,
): RotationDecision {
  const moments = [new Date(now.getTime() + lookAgainMs), until, lookAgainAt]
    .filter((moment) => moment !== null)
    .filter((moment) => moment > now)
    .map((moment) => moment.getTime());
  return { kind: "wait", waitsFor, until, lookAgainAt: new Date(Math.min(...moments)), alarm, asks };
}
