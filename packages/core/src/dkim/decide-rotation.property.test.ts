import fc from "fast-check";
import { expect, test } from "vitest";
import { endingSteps } from "./rotation.ts";
import { good, minuteMs, newKeyOf, stories, World, weather } from "./rotation-world.testing.ts";

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
