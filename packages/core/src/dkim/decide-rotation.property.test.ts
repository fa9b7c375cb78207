import fc from "fast-check";
import { expect, test } from "vitest";
import { decideRotation } from "./decide-rotation.ts";
import {
  endingSteps,
  type Rotation,
  type RotationAsk,
  type RotationDecision,
  type RotationFacts,
  type RotationKey,
  type RotationServer,
} from "./rotation.ts";
import { defaultRotationTiming } from "./rotation-timing.ts";

const minuteMs = 60_000;
const start = new Date("2026-11-20T12:00:00Z");

/** What the world does between two looks. */
interface Weather {
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
}

const good = (count: number): Weather => ({
  afterMinutes: 60,
  online: Array.from({ length: count }, () => true),
  applies: Array.from({ length: count }, () => true),
  zone: "all",
  provider: "published",
  test: "passed",
  isKeyMapEdited: false,
});

const weather = (count: number) =>
  fc.record<Weather>({
    afterMinutes: fc.constantFrom(0, 1, 20, 90, 3000, 12_000, 50_000),
    online: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
    applies: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
    zone: fc.constantFrom("all", "all", "all", "not", "unknown"),
    provider: fc.constantFrom("published", "by-hand", "refused", "failed"),
    test: fc.constantFrom("passed", "passed", "failed", "lost", "open"),
    isKeyMapEdited: fc.boolean(),
  });

/** A domain's rotation in a world that does what the decisions ask for, or does not. */
class World {
  now = start;
  rotation: Rotation;
  servers: RotationServer[];
  publication: RotationFacts["publication"] = null;
  zone: Weather["zone"] = "unknown";

  isFollowed = false;

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
  }: Weather): RotationDecision {
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
        return { ...server, test: { state: "open", askedAt: this.now, problem: null } };
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

const stories = fc
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

const newKeyOf = (server: RotationServer | undefined) => server?.keys.find(({ role }) => role === "incoming");

test("signing is given only to a key that every authoritative server shows and a test has proven", () => {
  fc.assert(
    fc.property(stories, ({ count, kind, isNameReused, days }) => {
      const world = new World(count, kind, isNameReused);
      for (const day of [...days, ...Array.from({ length: 40 }, () => good(count))]) {
        const former = world.rotation;
        const decision = world.pass(day);
        if (decision.kind !== "wait" || former.course !== "forward") continue;
        for (const ask of decision.asks) {
          if (ask.kind !== "switch") continue;
          const server = world.servers.find(({ serverId }) => serverId === ask.serverId);
          expect(newKeyOf(server)).toMatchObject({ isMade: true, shown: "all" });
          expect(server).toMatchObject({ isOnline: true, test: { state: "passed" } });
          const shownForMs = world.now.getTime() - (newKeyOf(server)?.shownSince ?? world.now).getTime();
          if (kind !== "compromise" || isNameReused)
            expect(shownForMs).toBeGreaterThanOrEqual(former.cacheWaitMs);
        }
      }
    }),
  );
});

test("no key is retired or revoked while a server has not switched or is offline", () => {
  fc.assert(
    fc.property(stories, ({ count, kind, isNameReused, days }) => {
      const world = new World(count, kind, isNameReused);
      for (const day of [...days, ...Array.from({ length: 40 }, () => good(count))]) {
        const decision = world.pass(day);
        if (decision.kind !== "advance" || (decision.to !== "retiring" && decision.to !== "revoking"))
          continue;
        for (const { switchRevision, appliedRevision } of world.servers)
          expect(appliedRevision).toBeGreaterThanOrEqual(switchRevision ?? Number.POSITIVE_INFINITY);
        if (kind !== "compromise" && world.rotation.course === "forward")
          expect(world.servers.every(({ isOnline }) => isOnline)).toBe(true);
      }
    }),
  );
});

test("in every story the keys of one side sign or may sign, and never ended ones", () => {
  fc.assert(
    fc.property(stories, ({ count, kind, isNameReused, days }) => {
      const world = new World(count, kind, isNameReused);
      for (const day of [...days, ...Array.from({ length: 40 }, () => good(count))]) {
        world.pass(day);
        for (const { keys } of world.servers) {
          const signing = keys.filter(({ state }) => state === "signing");
          expect(signing.length).toBeLessThanOrEqual(1);
          if (kind !== "compromise") expect(signing.length).toBe(1);
        }
      }
    }),
  );
});

test("whatever happened before, a rotation comes to its end once the world is well", () => {
  fc.assert(
    fc.property(stories, ({ count, kind, isNameReused, days }) => {
      const world = new World(count, kind, isNameReused);
      for (const day of days) world.pass(day);
      for (let look = 0; look < 3000 && world.rotation.step !== "done"; look += 1) world.pass(good(count));
      expect(world.rotation.step).toBe("done");
    }),
    { numRuns: 60 },
  );
});

test("a wait always looks again later, and at its own end at the latest", () => {
  fc.assert(
    fc.property(stories, ({ count, kind, isNameReused, days }) => {
      const world = new World(count, kind, isNameReused);
      for (const day of days) {
        const decision = world.pass(day);
        if (decision.kind !== "wait") continue;
        expect(decision.lookAgainAt.getTime()).toBeGreaterThan(world.now.getTime());
        if (decision.until !== null && decision.until > world.now)
          expect(decision.lookAgainAt.getTime()).toBeLessThanOrEqual(decision.until.getTime());
      }
    }),
  );
});

test("the way back gives signing to keys whose records still stand", () => {
  const world = new World(2, "by-hand");
  for (let look = 0; look < 100 && world.rotation.step !== "watching"; look += 1)
    world.pass({ ...good(2), afterMinutes: 11 });
  expect(world.rotation.step).toBe("watching");
  expect(world.pass({ ...good(2), zone: "not" })).toMatchObject({ kind: "go-back" });
  world.pass({ ...good(2), zone: "not" });
  expect(world.servers.flatMap(({ keys }) => keys.map(({ state }) => state))).toEqual([
    "signing",
    "retiring",
    "signing",
    "retiring",
  ]);
});

test("after a theft nothing is waited for but the new keys themselves, and there is no watch and no retirement", () => {
  const world = new World(2, "compromise");
  const steps = new Set<string>();
  for (let look = 0; look < 30 && world.rotation.step !== "revoking"; look += 1) {
    steps.add(world.rotation.step);
    world.pass({ ...good(2), afterMinutes: 0 });
  }
  expect(world.rotation.step).toBe("revoking");
  expect([...steps]).toEqual(["generating", "publishing", "propagating", "verifying", "switching"]);
});

test("after a theft a server that is away is not waited for before the others switch", () => {
  const world = new World(2, "compromise");
  const away = { ...good(2), online: [true, false] };
  for (let look = 0; look < 60; look += 1) world.pass({ ...away, afterMinutes: 1 });
  expect(world.rotation.step).toBe("switching");
  expect(world.servers.map((server) => newKeyOf(server)?.state)).toEqual(["signing", "waiting"]);
  expect(world.pass(away)).toMatchObject({ alarm: expect.stringContaining("mx1 is offline") });
});

test("after a theft a name that had another key is waited for until no resolver remembers that one", () => {
  const world = new World(1, "compromise", true);
  const at: Record<string, number> = {};
  for (let look = 0; look < 60 && world.rotation.step !== "revoking"; look += 1) {
    at[world.rotation.step] ??= world.now.getTime();
    world.pass({ ...good(1), afterMinutes: 1 });
  }
  expect(world.rotation.step).toBe("revoking");
  expect((at["verifying"] ?? 0) - (at["waiting-caches"] ?? 0)).toBeGreaterThanOrEqual(
    world.rotation.cacheWaitMs - minuteMs,
  );
});

test("a rotation that another one follows never goes back, tells nobody to switch, and still ends its old keys", () => {
  fc.assert(
    fc.property(fc.array(weather(2), { maxLength: 40 }), (days) => {
      const world = new World(2, "by-hand");
      for (let look = 0; look < 200 && world.rotation.step !== "retiring"; look += 1)
        world.pass({ ...good(2), afterMinutes: 30 });
      world.isFollowed = true;
      for (const day of days) {
        const decision = world.pass(day);
        expect(decision.kind).not.toBe("go-back");
        if (decision.kind === "advance") expect(endingSteps).toContain(decision.to);
        if (decision.kind === "wait") expect(decision.asks.map(({ kind }) => kind)).not.toContain("switch");
      }
      for (let look = 0; look < 3000 && world.rotation.step !== "done"; look += 1) world.pass(good(2));
      expect(world.rotation.step).toBe("done");
    }),
    { numRuns: 60 },
  );
});
