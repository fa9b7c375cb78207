import fc from "fast-check";
import { decideRotation } from "./decide-rotation.ts";
import type {
  Rotation,
  RotationAsk,
  RotationDecision,
  RotationFacts,
  RotationKey,
  RotationServer,
} from "./rotation.ts";
import { defaultRotationTiming } from "./rotation-timing.ts";

export const minuteMs = 60_000;
const start = new Date("2026-11-20T12:00:00Z");

/** What the world does between two looks. */
export interface Weather {
  afterMinutes: number;
  /** Servers that are online, by their place. */
  online: readonly boolean[];
  /** Whether a host applies what it was told, by its place. */
  applies: readonly boolean[];
  /** Whether an authoritative server shows something else than the new keys. */
  zone: "all" | "not" | "unknown";
  provider: "published" | "by-hand" | "refused" | "failed";
  test: "passed" | "failed" | "lost" | "open";
  isKeyMapEdited: boolean;
  isTimeSure: boolean;
}

export const good = (count: number): Weather => ({
  afterMinutes: 60,
  online: Array.from({ length: count }, () => true),
  applies: Array.from({ length: count }, () => true),
  zone: "all",
  provider: "published",
  test: "passed",
  isKeyMapEdited: false,
  isTimeSure: true,
});

export const weather = (count: number) =>
  fc.record<Weather>({
    afterMinutes: fc.constantFrom(0, 1, 20, 90, 3000, 12_000, 50_000),
    online: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
    applies: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
    zone: fc.constantFrom("all", "all", "all", "not", "unknown"),
    provider: fc.constantFrom("published", "by-hand", "refused", "failed"),
    test: fc.constantFrom("passed", "passed", "failed", "lost", "open"),
    isKeyMapEdited: fc.boolean(),
    isTimeSure: fc.boolean(),
  });

/** A domain's rotation in a world that does what the decisions ask for, or does not. */
export class World {
  now = start;
  rotation: Rotation;
  servers: RotationServer[];
  publication: RotationFacts["publication"] = null;
  zone: Weather["zone"] = "unknown";

  isFollowed = false;
  isTimeSure = true;

  constructor(count: number, kind: Rotation["kind"], isNameReused = false) {
    this.rotation = {
      kind,
      course: "forward",
      step: "generating",
      stepSince: start,
      cacheWaitMs: 10 * minuteMs,
      timing: defaultRotationTiming,
    };
    const isStolen = kind === "compromise";
    this.servers = Array.from({ length: count }, (_, place) => ({
      serverId: `s${place}`,
      name: `mx${place}`,
      isOnline: true,
      hasLeft: false,
      keys: [
        key(`old${place}`, { role: "outgoing", state: isStolen ? "revoked" : "signing", isMade: true }),
        key(`new${place}`, { role: "incoming", state: "waiting", isMade: false, isNameReused }),
      ],
      switchRevision: null,
      destroyRevision: null,
      askedRevision: 1,
      appliedRevision: 0,
      isKeyMapEdited: false,
      hasOpenConverge: false,
      convergeAskedAt: null,
      test: null,
    }));
  }

  pass({
    afterMinutes,
    online,
    applies,
    zone,
    provider,
    test: result,
    isKeyMapEdited,
    isTimeSure,
  }: Weather): RotationDecision {
    this.isTimeSure = isTimeSure;
    this.now = new Date(this.now.getTime() + afterMinutes * minuteMs);
    this.zone = zone;
    this.servers = this.servers.map((server, place) => {
      const isOnline = online[place] === true;
      const appliedRevision =
        isOnline && applies[place] === true ? server.askedRevision : server.appliedRevision;
      const answered = server.test?.state === "open" && isOnline ? result : server.test?.state;
      return {
        ...server,
        isOnline,
        appliedRevision,
        isKeyMapEdited: isKeyMapEdited && server.appliedRevision > 1,
        test: server.test === null ? null : { ...server.test, state: answered ?? "open" },
        keys: server.keys.map((one) => ({ ...one, isMade: one.isMade || appliedRevision > 0 })),
      };
    });
    const isPublished = this.publication?.kind === "published" || this.publication?.kind === "by-hand";
    this.servers = this.servers.map((server) => ({
      ...server,
      keys: server.keys.map((one) => {
        const shown =
          one.role === "outgoing"
            ? one.state === "revoked"
              ? "not"
              : "all"
            : isPublished && one.isMade
              ? zone
              : "not";
        return {
          ...one,
          shown,
          shownSince:
            shown === "all" ? (one.shownSince ?? this.now) : shown === "not" ? null : one.shownSince,
        };
      }),
    }));
    const decision = decideRotation(this.rotation, this.facts(), this.now);
    if (decision.kind === "wait") for (const ask of decision.asks) this.#do(ask, provider);
    else this.#move(decision);
    return decision;
  }

  facts(): RotationFacts {
    return {
      servers: this.servers,
      resolverProblem: this.zone === "unknown" ? "The resolver is silent." : null,
      publication: this.publication,
      isFollowed: this.isFollowed,
      isTimeSure: this.isTimeSure,
      wantsRecords: this.rotation.step !== "generating" || this.rotation.kind === "compromise",
    };
  }

  #do(ask: RotationAsk, provider: Weather["provider"]): void {
    if (ask.kind === "publish") {
      const failures = provider === "failed" ? (this.publication?.failures ?? 0) + 1 : 0;
      this.publication = { kind: provider, triedAt: this.now, failures, sentence: null };
    }
    this.servers = this.servers.map((server) => this.#told(server, ask));
  }

  #told(server: RotationServer, ask: RotationAsk): RotationServer {
    if (ask.kind !== "publish" && server.serverId !== ask.serverId) return server;
    const askedRevision = server.askedRevision + 1;
    switch (ask.kind) {
      case "publish":
        return server;
      case "test-signature":
        return { ...server, test: { state: "open", askedAt: this.now, problem: failureOf(server) } };
      case "destroy-keys":
        return { ...server, askedRevision, destroyRevision: askedRevision };
      case "converge":
        return { ...server, convergeAskedAt: this.now };
      case "switch":
        return { ...server, keys: this.#switched(server), askedRevision, switchRevision: askedRevision };
    }
  }

  #switched({ keys }: RotationServer): RotationKey[] {
    const taken = this.rotation.course === "forward" ? "incoming" : "outgoing";
    return keys.map((one) => {
      if (one.role === taken) return { ...one, state: "signing" };
      return one.state === "signing" ? { ...one, state: "retiring" } : one;
    });
  }

  #move(decision: Exclude<RotationDecision, { kind: "wait" }>): void {
    const { rotation } = this;
    if (decision.kind === "go-back") {
      const hasSigned = this.#keys().some(({ role, state }) => role === "incoming" && state !== "waiting");
      this.rotation = {
        ...rotation,
        course: hasSigned ? "back" : "cancelled",
        step: hasSigned ? "switching" : "destroying",
        stepSince: this.now,
      };
      this.servers = this.servers.map((server) => ({ ...server, switchRevision: null, test: null }));
      this.publication = null;
      return;
    }
    this.rotation = { ...rotation, step: decision.to, stepSince: this.now };
    if (["publishing", "revoking", "destroying"].includes(decision.to)) this.publication = null;
    if (decision.to !== "revoking") return;
    const ending = rotation.course === "forward" ? "outgoing" : "incoming";
    this.servers = this.servers.map((server) => ({
      ...server,
      keys: server.keys.map((one) => (one.role === ending ? { ...one, state: "revoked" } : one)),
    }));
  }

  #keys(): RotationKey[] {
    return this.servers.flatMap(({ keys }) => keys);
  }
}

function key(
  selector: string,
  values: Pick<RotationKey, "role" | "state" | "isMade"> & Partial<RotationKey>,
): RotationKey {
  return {
    selector,
    hasPrivateKey: true,
    isNameReused: false,
    shown: "unknown",
    shownSince: null,
    ...values,
  };
}

export const stories = fc
  .record({
    count: fc.integer({ min: 1, max: 3 }),
    kind: fc.constantFrom("by-hand", "compromise"),
    isNameReused: fc.boolean(),
  })
  .chain(({ count, kind, isNameReused }) =>
    fc.record({
      count: fc.constant(count),
      isNameReused: fc.constant(isNameReused),
      kind: fc.constant(kind as Rotation["kind"]),
      days: fc.array(weather(count), { maxLength: 40 }),
    }),
  );

const failureOf = ({ test }: RotationServer) => (test?.state === "failed" ? "It did not verify." : null);

/** The key of a server that is new with the rotation. */
export const newKeyOf = (server: RotationServer | undefined) =>
  server?.keys.find(({ role }) => role === "incoming");
