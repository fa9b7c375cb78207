import { describe, expect, it } from "vitest";
import { AdmissionGate } from "./admission.ts";

const limits = { sessionsMax: 10, greetingsMax: 3, perSecondMax: 2 };

describe("the admission gate", () => {
  it("lets in no more in a second than it allows, and goes on as time passes", () => {
    const gate = new AdmissionGate(limits, { nowMs: 0, chance: () => 0 });
    const ask = (nowMs: number) => gate.admit({ nowMs, held: 0, greeting: 0 }).kind;
    expect([ask(0), ask(0), ask(0)]).toEqual(["admit", "admit", "wait"]);
    expect([ask(500), ask(500)]).toEqual(["admit", "wait"]);
    expect([ask(60_000), ask(60_000), ask(60_000)]).toEqual(["admit", "admit", "wait"]);
  });

  it("sends agents away when it is full, spread over time", () => {
    const delays = [0, 0.5, 1].map((chance) => {
      const gate = new AdmissionGate(limits, { nowMs: 0, chance: () => chance });
      return gate.admit({ nowMs: 0, held: 10, greeting: 0 });
    });
    expect(delays).toEqual([
      { kind: "wait", retryAfterMs: 2_000 },
      { kind: "wait", retryAfterMs: 11_000 },
      { kind: "wait", retryAfterMs: 20_000 },
    ]);
  });

  it("bounds the connections that have not proven who they are", () => {
    const gate = new AdmissionGate(limits, { nowMs: 0, chance: () => 0 });
    expect(gate.admit({ nowMs: 0, held: 0, greeting: 3 }).kind).toBe("wait");
  });
});
