import fc from "fast-check";
import { expect, test } from "vitest";
import {
  chooseDelegatedName,
  delegatedBase,
  delegatedNamesOf,
  type NameHolder,
  nameFreeFrom,
  nameRestMs,
} from "./delegated-names.ts";
import { defaultRotationTiming } from "./rotation-timing.ts";

const dayMs = 86_400_000;
const start = new Date("2026-11-20T12:00:00Z");
const base = delegatedBase("0193f0b2-7c5e-7d8a-9b1c-2d3e4f506172", "dkim.msp.example");
const names = delegatedNamesOf(1, base).filter(({ algorithm }) => algorithm === "rsa-2048");

test("each server of a domain has two names of each algorithm, and no name belongs to two", () => {
  expect(delegatedNamesOf(1, base)).toEqual([
    { selector: "ms1", target: `ms1.${base}`, algorithm: "rsa-2048", place: 1 },
    { selector: "ms1e", target: `ms1e.${base}`, algorithm: "ed25519", place: 1 },
    { selector: "ms2", target: `ms2.${base}`, algorithm: "rsa-2048", place: 1 },
    { selector: "ms2e", target: `ms2e.${base}`, algorithm: "ed25519", place: 1 },
  ]);
  expect(base).toBe("0193f0b27c5e7d8a9b1c2d3e4f506172.dkim.msp.example");
  const all = [1, 2, 3, 4].flatMap((place) => delegatedNamesOf(place, base).map(({ target }) => target));
  expect(new Set(all).size).toBe(16);
});

/** A key's life as rotations make it, played forward by days. */
interface Key extends NameHolder {
  signedUntil: Date | null;
}

function grow(keys: Key[], now: Date): void {
  for (const key of keys) {
    if (key.signedUntil === null) continue;
    const endedAt = key.signedUntil.getTime() + defaultRotationTiming.queueLifeMs;
    if (key.state === "retiring" && now.getTime() >= endedAt) {
      key.state = "revoked";
      key.endedAt = new Date(endedAt);
    }
    if (key.state === "revoked" && now.getTime() >= endedAt + defaultRotationTiming.revokedForMs)
      key.state = "destroyed";
  }
}

test("whenever rotations are tried, no name is taken from a key that signs, or whose mail may be on its way", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 30 }), (pauses) => {
      const keys: Key[] = [];
      let now = start;
      for (const days of pauses) {
        now = new Date(now.getTime() + days * dayMs);
        grow(keys, now);
        const choice = chooseDelegatedName(names, { holders: keys, isTheft: false, now });
        if (choice.kind === "none-free") continue;
        const { target } = choice.name;
        for (const key of keys.filter((one) => one.target === target)) {
          expect(["revoked", "destroyed"]).toContain(key.state);
          const quietMs = now.getTime() - (key.signedUntil?.getTime() ?? now.getTime());
          expect(quietMs).toBeGreaterThanOrEqual(defaultRotationTiming.queueLifeMs + nameRestMs);
        }
        expect(choice.isReused).toBe(keys.some((key) => key.target === target));
        for (const key of keys.filter(({ state }) => state === "signing"))
          Object.assign(key, { state: "retiring", signedUntil: now });
        keys.push({
          target,
          state: "signing",
          createdAt: now,
          endedAt: null,
          isGivenUp: false,
          signedUntil: null,
        });
        expect(keys.filter(({ state }) => state === "signing")).toHaveLength(1);
      }
    }),
  );
});

test("a rotation every thirty days always finds a name, and the two take turns", () => {
  const keys: Key[] = [];
  const taken: string[] = [];
  for (let turn = 0; turn < 8; turn += 1) {
    const now = new Date(start.getTime() + turn * 30 * dayMs);
    grow(keys, now);
    const choice = chooseDelegatedName(names, { holders: keys, isTheft: false, now });
    if (choice.kind === "none-free") throw new Error(`no name is free in turn ${turn}`);
    taken.push(choice.name.selector);
    for (const key of keys.filter(({ state }) => state === "signing"))
      Object.assign(key, { state: "retiring", signedUntil: now });
    keys.push({
      target: choice.name.target,
      state: "signing",
      createdAt: now,
      endedAt: null,
      isGivenUp: false,
      signedUntil: null,
    });
  }
  expect(taken).toEqual(["ms1", "ms2", "ms1", "ms2", "ms1", "ms2", "ms1", "ms2"]);
});

const holder = (target: string, values: Partial<NameHolder>): NameHolder => ({
  target: `${target}.${base}`,
  state: "signing",
  createdAt: start,
  endedAt: null,
  isGivenUp: false,
  ...values,
});

test("a host that is lost for good gives up its name, and the key of the other name keeps its own", () => {
  const lost = holder("ms1", { state: "retiring", endedAt: start, isGivenUp: true });
  const choice = chooseDelegatedName(names, {
    holders: [lost, holder("ms2", {})],
    isTheft: false,
    now: start,
  });
  expect(choice).toMatchObject({ kind: "chosen", name: { selector: "ms1" }, isReused: true });
  const both = [lost, holder("ms1", { state: "signing" }), holder("ms2", {})];
  expect(chooseDelegatedName(names, { holders: both, isTheft: false, now: start }).kind).toBe("none-free");
});

test("after a theft a name is found in any case: first one that is free, then of a key that never signed, then the oldest", () => {
  const choose = (...holders: NameHolder[]) => {
    const choice = chooseDelegatedName(names, { holders, isTheft: true, now: start });
    return choice.kind === "chosen" ? choice.name.selector : choice.kind;
  };
  const old = new Date(start.getTime() - 20 * dayMs);
  expect(choose(holder("ms1", {}))).toBe("ms2");
  expect(choose(holder("ms1", { createdAt: old }), holder("ms2", { state: "waiting" }))).toBe("ms2");
  expect(choose(holder("ms1", {}), holder("ms2", { state: "retiring", createdAt: old }))).toBe("ms2");
  expect(choose(holder("ms2", {}), holder("ms1", { state: "retiring", createdAt: old }))).toBe("ms1");
});

test("a name is free when its former key has been revoked for its rest, and until then it is said when", () => {
  const revoked = holder("ms1", { state: "revoked", endedAt: start });
  const freeFrom = new Date(start.getTime() + nameRestMs);
  expect(nameFreeFrom([revoked])).toEqual(freeFrom);
  expect(nameFreeFrom([holder("ms1", { state: "retiring" })])).toBeNull();
  const choice = chooseDelegatedName(names, {
    holders: [revoked, holder("ms2", {})],
    isTheft: false,
    now: start,
  });
  expect(choice).toEqual({ kind: "none-free", freeFrom });
});
