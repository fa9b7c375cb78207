import fc from "fast-check";
import { expect, test } from "vitest";
import { type FaultKind, faultKinds, faultOf, parseFaultShares } from "./faults.ts";

const share = fc.integer({ min: 0, max: 16 }).map((percent) => percent / 100);
const shares = fc.record(
  Object.fromEntries(faultKinds.map((kind) => [kind, share])) as Record<FaultKind, typeof share>,
);
const seed = fc.integer({ min: 0, max: 2 ** 31 });

test("each kind of fault has its share of a fleet of any size, give or take a few agents", () => {
  fc.assert(
    fc.property(shares, seed, fc.integer({ min: 1, max: 3000 }), (wanted, seed, agents) => {
      const counts = new Map<string, number>();
      for (let agentNumber = 0; agentNumber < agents; agentNumber += 1) {
        const { kind } = faultOf(wanted, { seed, agentNumber });
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
      for (const kind of faultKinds)
        expect(Math.abs((counts.get(kind) ?? 0) - wanted[kind] * agents)).toBeLessThanOrEqual(4);
    }),
    { numRuns: 50 },
  );
});

test("the same seed gives the same faults, and another one others", () => {
  const all = { slow: 0.2, failing: 0.2, lying: 0.2, vanishing: 0.2, flapping: 0.2 };
  const faultsBy = (seed: number) =>
    Array.from({ length: 200 }, (_, agentNumber) => faultOf(all, { seed, agentNumber }));
  fc.assert(
    fc.property(seed, (seed) => {
      expect(faultsBy(seed)).toEqual(faultsBy(seed));
      expect(faultsBy(seed)).not.toEqual(faultsBy(seed + 1));
    }),
    { numRuns: 20 },
  );
});

test("shares are read as a person types them", () => {
  expect(parseFaultShares("slow=5%,failing=2.5%")).toEqual({ slow: 0.05, failing: 0.025 });
  expect(parseFaultShares("")).toEqual({});
});

test.each([
  ["slow", /kinds with their shares/],
  ["slow=5", /kinds with their shares/],
  ["slow=-5%", /kinds with their shares/],
  ["lazy=5%", /no fault "lazy"; --faults knows slow, failing/],
  ["slow=5%,slow=6%", /names slow twice/],
  ["slow=60%,failing=50%", /more than 100%/],
])("%s is refused with a sentence", (text, sentence) => {
  expect(() => parseFaultShares(text)).toThrow(sentence);
});
