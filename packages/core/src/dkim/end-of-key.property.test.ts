import fc from "fast-check";
import { expect, test } from "vitest";
import { endOfKey } from "./end-of-key.ts";
import { dkimKeyStates } from "./rotation.ts";
import { defaultRotationTiming as timing } from "./rotation-timing.ts";

const now = new Date("2026-11-20T12:00:00Z");
const moment = fc
  .integer({ min: -60 * 24, max: 60 * 24 })
  .map((hours) => new Date(now.getTime() + hours * 3_600_000));
const key = fc.record({
  state: fc.constantFrom(...dkimKeyStates),
  recordEndsAt: fc.option(moment),
  endedAt: fc.option(moment),
});

test("no key signs on, none that may have signed ends before its mail has arrived, and none that is revoked counts again", () => {
  fc.assert(
    fc.property(key, (one) => {
      const end = endOfKey(one, { now, timing });
      if (end.kind === "forget") expect(one.state).toBe("waiting");
      if (end.kind === "settled") expect(one.recordEndsAt !== null || one.state === "destroyed").toBe(true);
      if (end.kind !== "stand") return;
      expect(end.state).toBe(one.state === "revoked" ? "revoked" : "retiring");
      if (end.state === "retiring")
        expect(end.recordEndsAt.getTime() - now.getTime()).toBeGreaterThanOrEqual(timing.queueLifeMs);
    }),
  );
});

test("a key that was revoked while a theft is dealt with says so as long as it would have", () => {
  const endedAt = new Date("2026-11-18T12:00:00Z");
  expect(endOfKey({ state: "revoked", recordEndsAt: null, endedAt }, { now, timing })).toEqual({
    kind: "stand",
    state: "revoked",
    recordEndsAt: new Date(endedAt.getTime() + timing.revokedForMs),
  });
});
