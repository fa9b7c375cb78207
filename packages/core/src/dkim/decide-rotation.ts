import {
  endingRole,
  isForward,
  type Rotation,
  type RotationAsk,
  type RotationDecision,
  type RotationFacts,
  type RotationServer,
  type RotationStep,
} from "./rotation.ts";
import { publicationMove } from "./rotation-publication.ts";
import { decideSwitching, hasSwitched, isProven, proofAsks } from "./rotation-switch.ts";
import { askAgainAfterMs, lateAfterMs, lookAgainMs } from "./rotation-timing.ts";
import {
  incomingOf,
  isMade,
  isShownByAll,
  lostConverges,
  namesOf,
  offlineOf,
  participantsOf,
  reusesNames,
  wait,
  whatFails,
} from "./rotation-view.ts";

/**
 * What a rotation does next, from what is known now. It gives signing to a key only while every authoritative server
 * shows it, lets no key end while a server may still sign with it, and goes back by itself as long as it can when a
 * new key stops being seen or proven.
 */
export function decideRotation(rotation: Rotation, facts: RotationFacts, now: Date): RotationDecision {
  if (nothingSignedYet.includes(rotation.step) && participantsOf(facts).length === 0) {
    const reason = "Every server of the domain was lost or set up anew meanwhile, and has other new keys.";
    // Nothing of what a thief holds signs again, so those keys come to their end whatever becomes of the new ones.
    return rotation.kind === "compromise"
      ? { kind: "advance", to: "revoking", because: reason }
      : { kind: "go-back", reason };
  }
  switch (rotation.step) {
    case "generating":
      return decideGenerating(rotation, facts, now);
    case "publishing":
      return decidePublishing(rotation, facts, now);
    case "propagating":
      return decidePropagating(rotation, facts, now);
    case "waiting-caches":
      return decideCaches(rotation, facts, now);
    case "verifying":
      return decideVerifying(rotation, facts, now);
    case "switching":
      return decideSwitching(rotation, facts, now);
    case "watching":
    case "retiring":
      return decideWatching(rotation, facts, now);
    case "revoking":
      return decideRevoking(rotation, facts, now);
    case "destroying":
      return decideDestroying(rotation, facts, now);
    case "done":
      return wait(now, { waitsFor: "Nothing: this rotation is over.", lookAgainMs: lookAgainMs.revoking });
  }
}

const nothingSignedYet: readonly RotationStep[] = [
  "generating",
  "publishing",
  "propagating",
  "waiting-caches",
  "verifying",
];

function decideGenerating(rotation: Rotation, facts: RotationFacts, now: Date): RotationDecision {
  const servers = participantsOf(facts);
  const unmade = servers.filter((server) => !isMade(server));
  const offline = offlineOf(unmade);
  // Of a stolen key every minute counts; a server that is away gets its new key when it is back.
  const goesOnWithout = rotation.kind === "compromise" && offline.length === unmade.length;
  if (unmade.length === 0 || (goesOnWithout && unmade.length < servers.length))
    return {
      kind: "advance",
      to: "publishing",
      because: `${namesOf(servers.filter(isMade))} made the new keys.`,
    };
  // Only the revocations of stolen keys are wanted so early.
  const records = publicationMove(facts, now);
  return wait(now, {
    waitsFor: `${namesOf(unmade)} to make the new keys.`,
    lookAgainMs: lookAgainMs.soon,
    alarm:
      records.alarm ??
      (offline.length > 0
        ? `${namesOf(offline)} is offline, so no new key can be made there; mail stays signed by the old keys.`
        : isLate(rotation, now)
          ? `${namesOf(unmade)} has not made the new keys, though it is online: look at its jobs. Mail stays signed by the old keys.`
          : null),
    asks: [...records.asks, ...lostConverges(servers, now)],
  });
}

function decidePublishing(rotation: Rotation, facts: RotationFacts, now: Date): RotationDecision {
  const records = publicationMove(facts, now);
  if (records.isTaken || isShownByAll(facts))
    return {
      kind: "advance",
      to: "propagating",
      because:
        facts.publication?.kind === "by-hand"
          ? "No DNS provider is connected; the records wait to be pasted."
          : "The DNS provider has taken the records.",
    };
  return wait(now, {
    waitsFor: "the DNS provider to take the new records.",
    lookAgainAt: records.tryAgainAt,
    lookAgainMs: lookAgainMs.soon,
    alarm: withOldKeys(rotation, records.alarm),
    asks: records.asks,
  });
}

function decidePropagating(rotation: Rotation, facts: RotationFacts, now: Date): RotationDecision {
  if (isShownByAll(facts))
    return {
      kind: "advance",
      to: rotation.kind === "compromise" && !reusesNames(facts) ? "verifying" : "waiting-caches",
      because: "Every authoritative name server shows exactly the new keys.",
    };
  const records = publicationMove(facts, now);
  const isByHand = facts.publication?.kind === "by-hand";
  const isOverdue = isLate(rotation, now);
  const late = isByHand
    ? "The new records have not been pasted yet, or not all name servers show them."
    : "The DNS provider took the new records, and still not all name servers show them.";
  return wait(now, {
    waitsFor: isByHand
      ? "a person to paste the new records, and all authoritative name servers to show them."
      : "all authoritative name servers to show the new records.",
    lookAgainMs: isOverdue ? lookAgainMs.propagatingLong : lookAgainMs.propagating,
    alarm: withOldKeys(rotation, facts.resolverProblem ?? records.alarm ?? (isOverdue ? late : null)),
    asks: records.asks,
  });
}

function decideCaches(rotation: Rotation, facts: RotationFacts, now: Date): RotationDecision {
  const shown = notShown(facts);
  if (shown !== null) return shown;
  const since = participantsOf(facts).flatMap((server) =>
    incomingOf(server)
      .filter((key) => key.isMade)
      .map(({ shownSince }) => (shownSince ?? now).getTime()),
  );
  const until = new Date(Math.max(...since) + rotation.cacheWaitMs);
  if (now >= until && isShownByAll(facts))
    return {
      kind: "advance",
      to: "verifying",
      because: "No resolver can remember any more what stood under the new names before.",
    };
  return wait(now, {
    waitsFor: reusesNames(facts)
      ? "resolvers to forget the former keys under the same names."
      : "resolvers to forget that the new records did not exist.",
    until,
    lookAgainMs: lookAgainMs.watching,
    alarm: facts.resolverProblem,
  });
}

function decideVerifying(rotation: Rotation, facts: RotationFacts, now: Date): RotationDecision {
  const shown = notShown(facts);
  if (shown !== null) return shown;
  const servers = participantsOf(facts).filter(isMade);
  const online = servers.filter(({ isOnline }) => isOnline);
  const unproven = online.filter((server) => !isProven(server));
  if (online.length > 0 && unproven.length === 0 && isShownByAll(facts))
    return {
      kind: "advance",
      to: "switching",
      because: `Test signatures of ${namesOf(online)} verify against what the name servers show.`,
    };
  const failed = unproven.find(({ test }) => test?.state === "failed");
  return wait(now, {
    waitsFor: `a test signature of ${namesOf(unproven.length > 0 ? unproven : servers)} that verifies.`,
    lookAgainMs: lookAgainMs.soon,
    alarm: withOldKeys(
      rotation,
      failed?.test?.problem ??
        facts.resolverProblem ??
        (online.length === 0
          ? "All servers are offline."
          : isLate(rotation, now)
            ? `No test signature of ${namesOf(unproven)} has come${whyOf(unproven)}.`
            : null),
    ),
    asks: proofAsks(unproven, now),
  });
}

function decideWatching(rotation: Rotation, facts: RotationFacts, now: Date): RotationDecision {
  const { timing, step } = rotation;
  const servers = participantsOf(facts);
  const why = isForward(rotation) && !facts.isFollowed ? whatFails(servers) : null;
  if (why !== null) return { kind: "go-back", reason: why };
  const lost = servers.filter((server) => !hasSwitched(server));
  if (lost.length > 0 && facts.isFollowed) return waitForLost(lost, now);
  if (lost.length > 0)
    return {
      kind: "advance",
      to: "switching",
      because: `${namesOf(lost)} no longer signs as it was told, so the old keys must stay.`,
    };
  const isWatch = step === "watching";
  const until = new Date(rotation.stepSince.getTime() + (isWatch ? timing.watchMs : timing.queueLifeMs));
  const offline = offlineOf(servers);
  const untested = servers.filter(({ test }) => isWatch && test?.state !== "passed");
  if (now >= until && offline.length === 0 && untested.length === 0)
    return isWatch
      ? {
          kind: "advance",
          to: "retiring",
          because: "Every server signed with the new keys, and every test verified.",
        }
      : {
          kind: "advance",
          to: "revoking",
          because: "No mail that the old keys signed can still be on its way.",
        };
  const due = isWatch ? testsDue(servers, timing.testEveryMs, now) : [];
  return wait(now, {
    waitsFor: isWatch
      ? "the watch over the new keys to end."
      : "the last mail that the old keys signed to arrive.",
    until,
    lookAgainMs: now >= until ? lookAgainMs.soon : isWatch ? lookAgainMs.watching : lookAgainMs.retiring,
    alarm:
      offline.length > 0
        ? `${namesOf(offline)} is offline. The old keys stay published until it is back and is known to sign with the new ones.`
        : (facts.resolverProblem ??
          (untested.length > 0 && (now >= until || untested.some(hasProblem))
            ? `The last test of ${namesOf(untested)} proved nothing${whyOf(untested)}. The old keys stay published until one does.`
            : null)),
    asks: due.map(({ serverId }) => ({ kind: "test-signature", serverId })),
  });
}

/** What signs is the next rotation's to say; the old keys stay until the hosts are known to obey. */
function waitForLost(lost: readonly RotationServer[], now: Date): RotationDecision {
  return wait(now, {
    waitsFor: `${namesOf(lost)} to sign as it was told.`,
    lookAgainMs: lookAgainMs.watching,
    alarm: `${namesOf(lost)} does not sign as it was told, so the old keys must stay.`,
    asks: lostConverges(lost, now),
  });
}

function decideRevoking(rotation: Rotation, facts: RotationFacts, now: Date): RotationDecision {
  const records = publicationMove(facts, now);
  const until = new Date(rotation.stepSince.getTime() + rotation.timing.revokedForMs);
  if (records.isTaken && now >= until)
    return {
      kind: "advance",
      to: "destroying",
      because: "The ended keys have been published as revoked long enough.",
    };
  return wait(now, {
    waitsFor: records.isTaken
      ? "the time to end in which the ended keys are published as revoked."
      : "the DNS provider to take the revocations.",
    until,
    lookAgainAt: records.tryAgainAt,
    lookAgainMs: lookAgainMs.revoking,
    alarm: records.alarm,
    asks: records.asks,
  });
}

function decideDestroying(rotation: Rotation, facts: RotationFacts, now: Date): RotationDecision {
  const records = publicationMove(facts, now);
  const role = endingRole(rotation);
  const servers = facts.servers.filter(({ keys }) =>
    keys.some((key) => key.role === role && key.hasPrivateKey),
  );
  const untold = servers.filter(({ destroyRevision }) => destroyRevision === null);
  const unfinished = servers.filter(
    ({ destroyRevision, appliedRevision }) => destroyRevision === null || appliedRevision < destroyRevision,
  );
  if (records.isTaken && unfinished.length === 0)
    return {
      kind: "advance",
      to: "done",
      because: "The ended private keys are gone from every host of the domain, and so are their records.",
    };
  const offline = offlineOf(unfinished);
  const asks: RotationAsk[] = untold.map(({ serverId }) => ({ kind: "destroy-keys", serverId }));
  return wait(now, {
    waitsFor:
      unfinished.length > 0
        ? `${namesOf(unfinished)} to destroy the ended private keys.`
        : "the DNS provider to withdraw the records of the ended keys.",
    lookAgainAt: records.tryAgainAt,
    lookAgainMs: offline.length > 0 ? lookAgainMs.watching : lookAgainMs.soon,
    alarm:
      records.alarm ??
      (offline.length > 0
        ? `${namesOf(offline)} is offline and still holds private keys that have ended.`
        : unfinished.length > 0 && isLate(rotation, now)
          ? `${namesOf(unfinished)} has not destroyed the private keys that have ended, though it is online: look at its jobs.`
          : null),
    asks: [...records.asks, ...asks, ...lostConverges(servers, now)],
  });
}

function hasProblem({ test }: RotationServer): boolean {
  return test !== null && test.state === "lost";
}

/** Why tests came to nothing, as the end of a sentence. */
function whyOf(servers: readonly RotationServer[]): string {
  const problem = servers.find(({ test }) => test?.problem != null)?.test?.problem;
  return problem === undefined || problem === null ? "" : `: ${problem.replace(/\.$/, "")}`;
}

function isLate({ stepSince }: Rotation, now: Date): boolean {
  return now.getTime() - stepSince.getTime() > lateAfterMs;
}

/** The step back when a record that all servers had shown is not there any more; null while nothing says so. */
function notShown(facts: RotationFacts): RotationDecision | null {
  const gone = participantsOf(facts)
    .flatMap(incomingOf)
    .filter(({ isMade: made, shown }) => made && shown === "not");
  if (gone.length === 0) return null;
  return {
    kind: "advance",
    to: "propagating",
    because: `Not every name server shows ${gone.map(({ selector }) => selector).join(" and ")} any more.`,
  };
}

function testsDue(servers: readonly RotationServer[], everyMs: number, now: Date): readonly RotationServer[] {
  return servers.filter(({ test, isOnline }) => {
    if (!isOnline || test?.state === "open") return false;
    const pauseMs = test?.state === "lost" ? Math.min(everyMs, askAgainAfterMs) : everyMs;
    return test === null || now.getTime() - test.askedAt.getTime() >= pauseMs;
  });
}

function withOldKeys({ kind }: Rotation, alarm: string | null): string | null {
  if (alarm === null || kind === "compromise") return alarm;
  return `${alarm} Mail stays signed by the old keys.`;
}
