import {
  isForward,
  type Rotation,
  type RotationAsk,
  type RotationDecision,
  type RotationFacts,
  type RotationServer,
} from "./rotation.ts";
import { publicationMove } from "./rotation-publication.ts";
import { askAgainAfterMs, lateAfterMs, lookAgainMs } from "./rotation-timing.ts";
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

/** The test signatures to ask for: none yet, or one that came to nothing long enough ago. */
export function proofAsks(servers: readonly RotationServer[], now: Date): RotationAsk[] {
  return servers
    .filter(
      ({ isOnline, test }) =>
        isOnline &&
        (test === null ||
          (test.state !== "open" && now.getTime() - test.askedAt.getTime() >= askAgainAfterMs)),
    )
    .map(({ serverId }) => ({ kind: "test-signature", serverId }));
}

/** Tells every server that may switch to do so; one that is offline keeps its old keys, which stay published. */
export function decideSwitching(rotation: Rotation, facts: RotationFacts, now: Date): RotationDecision {
  const servers = participantsOf(facts);
  const why = isForward(rotation) && rotation.kind !== "compromise" ? whatFails(servers) : null;
  if (why !== null) return { kind: "go-back", reason: why };
  const left = servers.filter((server) => !hasSwitched(server));
  if (left.length === 0) return afterSwitching(rotation, servers);
  const untold = left.filter(({ switchRevision }) => switchRevision === null);
  const ready = untold.filter((server) => server.isOnline && maySwitch(rotation, server, now));
  const unproven = isForward(rotation) ? untold.filter((server) => !isProven(server)) : [];
  const records = publicationMove(facts, now);
  const offline = offlineOf(left);
  return wait(now, {
    waitsFor: `${namesOf(left)} to sign with the ${isForward(rotation) ? "new" : "old"} keys.`,
    lookAgainMs: offline.length === left.length ? lookAgainMs.watching : lookAgainMs.soon,
    alarm:
      offline.length > 0
        ? offlineAlarm(rotation, offline)
        : (records.alarm ?? lateAlarm(rotation, left, now)),
    asks: [
      ...records.asks,
      ...proofAsks(unproven.filter(isShown), now),
      ...ready.map(({ serverId }): RotationAsk => ({ kind: "switch", serverId })),
      ...lostConverges(left, now),
    ],
  });
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

function maySwitch(rotation: Rotation, server: RotationServer, now: Date): boolean {
  if (!isForward(rotation)) return mayGoBack(server);
  if (!isShown(server) || !isProven(server)) return false;
  // Nobody has asked for a new name before, so after a theft only a name that others have asked for is waited for.
  return incomingOf(server)
    .filter(({ isNameReused }) => isNameReused || rotation.kind !== "compromise")
    .every(
      ({ shownSince }) => shownSince !== null && now.getTime() - shownSince.getTime() >= rotation.cacheWaitMs,
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
  if (now.getTime() - stepSince.getTime() <= lateAfterMs) return null;
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
