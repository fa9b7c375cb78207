import {
  isForward,
  type Rotation,
  type RotationAsk,
  type RotationDecision,
  type RotationFacts,
  type RotationServer,
} from "./rotation.ts";
import { publicationMove } from "./rotation-publication.ts";
import { askAgainAfterMs, isPauseOver, lateAfterMs, lookAgainMs } from "./rotation-timing.ts";
import {
  incomingOf,
  lostConverges,
  namesOf,
  offlineOf,
  outgoingOf,
  participantsOf,
  wait,
  whatFails,
} from "./rotation-view.ts";

/** Whether the host is known to sign with the keys that the course gives it. */
export function hasSwitched(server: RotationServer): boolean {
  const { switchRevision, appliedRevision, isKeyMapEdited } = server;
  return switchRevision !== null && appliedRevision >= switchRevision && !isKeyMapEdited;
}

/** Whether the newest test signature with the new keys verified. */
export function isProven({ test }: RotationServer): boolean {
  return test?.state === "passed";
}

/** Whether a test failed, and none has come to anything else since. */
export function hasFailed({ test }: RotationServer): boolean {
  return test?.state === "failed" || (test?.state === "open" && test.problem !== null);
}

/** The test signatures to ask for: none yet, or one that came to nothing long enough ago. */
export function proofAsks(servers: readonly RotationServer[], now: Date): RotationAsk[] {
  return servers
    .filter(
      ({ isOnline, test }) =>
        isOnline &&
        (test === null || (test.state !== "open" && isPauseOver(test.askedAt, askAgainAfterMs, now))),
    )
    .map(({ serverId }) => ({ kind: "test-signature", serverId }));
}

/** Tells every server that may switch to do so; one that is offline keeps its old keys, which stay published. */
export function decideSwitching(rotation: Rotation, facts: RotationFacts, now: Date): RotationDecision {
  const servers = participantsOf(facts);
  const why = isForward(rotation) && rotation.kind !== "compromise" ? whatFails(servers) : null;
  if (why !== null) return { kind: "go-back", reason: why };
  const left = servers.filter((server) => !hasSwitched(server));
  const unproven = unprovenOf(rotation, servers);
  if (left.length === 0 && (isForward(rotation) || unproven.length === 0))
    return afterSwitching(rotation, servers);
  const untold = left.filter(({ switchRevision }) => switchRevision === null);
  const ready = untold.filter((server) => server.isOnline && maySwitch(rotation, server, { facts, now }));
  const records = publicationMove(facts, now);
  const pending = isForward(rotation) ? left : [...left, ...unproven];
  const offline = offlineOf(pending);
  // Nothing comes of these before somebody looks after the host or its next test is due.
  const isStuck = pending.every((server) => !server.isOnline || hasComeToNothing(rotation, server));
  return wait(now, {
    waitsFor:
      left.length > 0
        ? `${namesOf(left)} to sign with the ${isForward(rotation) ? "new" : "old"} keys.`
        : `${namesOf(unproven)} to prove that the old keys sign again.`,
    lookAgainMs: isStuck ? lookAgainMs.watching : lookAgainMs.soon,
    alarm:
      offline.length > 0
        ? offlineAlarm(rotation, offline)
        : (records.alarm ?? lateAlarm(rotation, left, now) ?? backAlarm(rotation, unproven, now)),
    asks: [
      ...records.asks,
      ...proofAsks(unproven, now),
      ...ready.map(({ serverId }): RotationAsk => ({ kind: "switch", serverId })),
      ...lostConverges(left, now),
    ],
  });
}

/**
 * Forward, a server proves its new keys before it is told to switch. Back it is told at once, and proves afterwards, by a
 * test that was asked for since, that it signs with the old keys again: until then the new ones must not begin to end.
 */
function unprovenOf(rotation: Rotation, servers: readonly RotationServer[]): readonly RotationServer[] {
  if (isForward(rotation))
    return servers.filter(
      (server) =>
        server.switchRevision === null && !hasSwitched(server) && !isProven(server) && isShown(server),
    );
  const isProvenBack = ({ test }: RotationServer) =>
    test?.state === "passed" && test.askedAt >= rotation.stepSince;
  return servers.filter(
    (server) =>
      hasSwitched(server) && !server.hasLeft && outgoingOf(server).length > 0 && !isProvenBack(server),
  );
}

function hasComeToNothing(rotation: Rotation, server: RotationServer): boolean {
  const hasEnded = server.test?.state === "failed" || server.test?.state === "lost";
  return !isForward(rotation) && hasSwitched(server) && hasEnded;
}

/** A host that was told to go back and does not, or of which nobody knows. */
function backAlarm(rotation: Rotation, unproven: readonly RotationServer[], now: Date): string | null {
  if (isForward(rotation)) return null;
  const failed = unproven.find(hasFailed);
  if (failed !== undefined)
    return `${failed.name} was told to go back to the old keys. ${failed.test?.problem ?? "Its test failed."} The new keys stay published until it does.`;
  if (unproven.length === 0 || now.getTime() - rotation.stepSince.getTime() <= lateAfterMs) return null;
  const problem = unproven.find(({ test }) => test?.problem != null)?.test?.problem;
  return `Nobody knows whether ${namesOf(unproven)} signs with the old keys again${problem == null ? "" : `: ${problem.replace(/\.$/, "")}`}. The new keys stay published until a test shows it.`;
}

function afterSwitching(rotation: Rotation, servers: readonly RotationServer[]): RotationDecision {
  if (!isForward(rotation))
    return {
      kind: "advance",
      to: "retiring",
      because: "Every server signs with the old keys again.",
    };
  const because = `${namesOf(servers)} ${servers.length === 1 ? "signs" : "sign"} with the new keys.`;
  // What a thief holds is revoked already, so there is nothing to go back to and nothing to watch for.
  return { kind: "advance", to: rotation.kind === "compromise" ? "revoking" : "watching", because };
}

function maySwitch(
  rotation: Rotation,
  server: RotationServer,
  { facts, now }: { facts: RotationFacts; now: Date },
): boolean {
  if (!isForward(rotation)) return mayGoBack(server);
  if (!isShown(server) || !isProven(server)) return false;
  // Nobody has asked for a new name before, so after a theft only a name that others have asked for is waited for.
  return incomingOf(server)
    .filter(({ isNameReused }) => isNameReused || rotation.kind !== "compromise")
    .every(
      ({ shownSince }) =>
        shownSince !== null &&
        facts.isTimeSure &&
        now.getTime() - shownSince.getTime() >= rotation.cacheWaitMs,
    );
}

function isShown(server: RotationServer): boolean {
  return incomingOf(server).every(({ isMade, shown }) => isMade && shown === "all");
}

/** Old keys were seen by the world for long, so they sign again unless a name server is known to show them no more. */
function mayGoBack(server: RotationServer): boolean {
  return outgoingOf(server).every(({ hasPrivateKey, shown }) => hasPrivateKey && shown !== "not");
}

function lateAlarm({ stepSince }: Rotation, left: readonly RotationServer[], now: Date): string | null {
  if (left.length === 0 || now.getTime() - stepSince.getTime() <= lateAfterMs) return null;
  return `${namesOf(left)} does not sign as it was told, though it is online: look at its jobs. Its former keys stay published.`;
}

function offlineAlarm({ kind, course }: Rotation, offline: readonly RotationServer[]): string {
  const names = namesOf(offline);
  if (course !== "forward")
    return `${names} is offline and may still sign with the new keys, which stay published.`;
  return kind === "compromise"
    ? `${names} is offline. It may still sign with its stolen key, which is revoked, so its mail does not verify until it is back.`
    : `${names} is offline and keeps its old key, which stays published until it is back.`;
}
