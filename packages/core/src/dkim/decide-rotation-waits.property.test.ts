import fc from "fast-check";
import { expect, test } from "vitest";
import { good, stories, World } from "./rotation-world.testing.ts";

test("on the way back the new keys begin to end only when every host has shown since that it signs with the old ones", () => {
  fc.assert(
    fc.property(stories, ({ count, kind, isNameReused, days }) => {
      const world = new World(count, kind, isNameReused);
      for (const day of [...days, ...Array.from({ length: 40 }, () => good(count))]) {
        const former = world.rotation;
        const decision = world.pass(day);
        if (former.course !== "back" || decision.kind !== "advance" || decision.to !== "retiring") continue;
        for (const { test: proof } of world.servers) {
          expect(proof?.state).toBe("passed");
          expect(proof?.askedAt.getTime()).toBeGreaterThanOrEqual(former.stepSince.getTime());
        }
      }
    }),
  );
});

test("while nobody is sure of the time, no wait ends, whatever the clock says", () => {
  fc.assert(
    fc.property(stories, ({ count, kind, isNameReused, days }) => {
      const world = new World(count, kind, isNameReused);
      for (const day of days) {
        const { step, course } = world.rotation;
        const decision = world.pass({ ...day, isTimeSure: false });
        if (decision.kind === "go-back") continue;
        if (decision.kind === "advance") {
          // Lost servers and records take a rotation to an earlier step, which ends nothing.
          if (step === "waiting-caches") expect(decision.to).toBe("propagating");
          if (step === "watching" || step === "retiring") expect(decision.to).toBe("switching");
          expect(step).not.toBe("revoking");
          continue;
        }
        if (step !== "switching" || course !== "forward" || kind === "compromise") continue;
        expect(decision.asks.map((ask) => ask.kind)).not.toContain("switch");
      }
    }),
  );
});

test("a rotation goes on by itself once the time is sure again", () => {
  const world = new World(2, "by-hand");
  for (let look = 0; look < 40; look += 1)
    world.pass({ ...good(2), afterMinutes: 20_000, isTimeSure: false });
  expect(world.rotation.step).toBe("waiting-caches");
  for (let look = 0; look < 60 && world.rotation.step !== "watching"; look += 1)
    world.pass({ ...good(2), afterMinutes: 20 });
  expect(world.rotation.step).toBe("watching");
});

test("a host that goes on with the new keys after it was told to go back holds their end up, and a person is told", () => {
  const world = new World(1, "by-hand");
  for (let look = 0; look < 100 && world.rotation.step !== "watching"; look += 1)
    world.pass({ ...good(1), afterMinutes: 11 });
  world.pass({ ...good(1), zone: "not" });
  expect(world.rotation).toMatchObject({ course: "back", step: "switching" });
  let last = world.pass({ ...good(1), test: "failed" });
  for (let look = 0; look < 20; look += 1)
    last = world.pass({ ...good(1), afterMinutes: 11, test: "failed" });
  expect(world.rotation.step).toBe("switching");
  expect(last).toMatchObject({
    kind: "wait",
    alarm: expect.stringMatching(/^mx0 was told to go back to the old keys\..* The new keys stay published/),
  });
  for (let look = 0; look < 4; look += 1) world.pass({ ...good(1), afterMinutes: 11 });
  expect(world.rotation.step).toBe("retiring");
});

test("a host whose Rspamd never says what it signs with holds the end of the new keys up, and is told after a while", () => {
  const world = new World(1, "by-hand");
  for (let look = 0; look < 100 && world.rotation.step !== "watching"; look += 1)
    world.pass({ ...good(1), afterMinutes: 11 });
  world.pass({ ...good(1), zone: "not" });
  const alarms = new Set<string | null>();
  for (let look = 0; look < 20; look += 1) {
    const decision = world.pass({ ...good(1), afterMinutes: 11, test: "lost" });
    alarms.add(decision.kind === "wait" ? decision.alarm : null);
  }
  expect([...alarms].join()).toMatch(/Nobody knows whether mx0 signs with the old keys again/);
  expect(world.rotation.step).toBe("switching");
});
