import { expect, test } from "vitest";
import { stepLine } from "./step-line.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 12, minute));
const events = [
  { kind: "started", step: "generating", at: at(0) },
  { kind: "step", step: "publishing", at: at(1) },
  { kind: "looked", step: "publishing", at: at(2) },
  { kind: "step", step: "propagating", at: at(3) },
] as const;

test("the line says what is behind, where the rotation stands, and what is ahead", () => {
  const line = stepLine({ kind: "by-hand", course: "forward", step: "propagating" }, events);
  expect(line.slice(0, 4)).toEqual([
    { step: "generating", standing: "done", reachedAt: at(0) },
    { step: "publishing", standing: "done", reachedAt: at(1) },
    { step: "propagating", standing: "current", reachedAt: at(3) },
    { step: "waiting-caches", standing: "coming", reachedAt: null },
  ]);
  expect(line.at(-1)?.step).toBe("done");
});

test("after a theft nothing is waited for", () => {
  const steps = stepLine({ kind: "compromise", course: "forward", step: "generating" }, events).map(
    ({ step }) => step,
  );
  expect(steps).not.toContain("waiting-caches");
  expect(steps).not.toContain("retiring");
});

test("a rotation that was turned back shows its way back", () => {
  const line = stepLine({ kind: "by-hand", course: "back", step: "retiring" }, [
    ...events,
    { kind: "back", step: "switching", at: at(9) },
  ]);
  expect(line.map(({ step }) => step)).toEqual(["switching", "retiring", "revoking", "destroying", "done"]);
  expect(line[0]).toMatchObject({ standing: "done", reachedAt: at(9) });
});
