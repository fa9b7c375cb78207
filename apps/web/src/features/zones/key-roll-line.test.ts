import { expect, test } from "vitest";
import { keyRollLine } from "./key-roll-line.ts";

const at = (hour: number) => new Date(Date.UTC(2026, 10, 20, hour));

test("the line says what is behind, where the roll stands, and what is ahead", () => {
  const reached = [
    { step: "making", at: at(0) },
    { step: "delegating", at: at(1) },
  ] as const;
  expect(keyRollLine({ step: "delegating", reached })).toEqual([
    { step: "making", standing: "done", reachedAt: at(0) },
    { step: "spreading", standing: "done", reachedAt: null },
    { step: "delegating", standing: "current", reachedAt: at(1) },
    { step: "retiring", standing: "coming", reachedAt: null },
    { step: "done", standing: "coming", reachedAt: null },
  ]);
});

test("a roll that has ended stands nowhere any more", () => {
  const line = keyRollLine({ step: "done", reached: [{ step: "done", at: at(9) }] });
  expect(line.every(({ standing }) => standing === "done")).toBe(true);
  expect(line.at(-1)?.reachedAt).toEqual(at(9));
});
