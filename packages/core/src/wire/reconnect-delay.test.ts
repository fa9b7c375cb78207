import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reconnectDelayMs } from "./reconnect-delay.ts";

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("the wait before the next connection", () => {
  it("lies between one second and two minutes, however often it failed", () => {
    fc.assert(
      fc.property(fc.nat(1000), chance, (failures, value) => {
        const delay = reconnectDelayMs({ failures, retryAfterMs: 0, chance: value });
        expect(delay).toBeGreaterThanOrEqual(1000);
        expect(delay).toBeLessThanOrEqual(120_000);
      }),
    );
  });

  it("differs from one agent to the next, from the first try on", () => {
    fc.assert(
      fc.property(fc.nat(1000), chance, chance, (failures, one, other) => {
        const delay = (value: number) => reconnectDelayMs({ failures, retryAfterMs: 0, chance: value });
        fc.pre(Math.abs(one - other) > 0.01);
        expect(Math.abs(delay(one) - delay(other))).toBeGreaterThan(5);
      }),
    );
  });

  it("is never shorter than the gateway asked for, and spreads a fleet over as much again", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600_000 }), chance, (retryAfterMs, value) => {
        const delay = reconnectDelayMs({ failures: 3, retryAfterMs, chance: value });
        expect(delay).toBeGreaterThanOrEqual(retryAfterMs);
        expect(delay).toBeLessThanOrEqual(retryAfterMs * 2);
      }),
    );
  });
});
