import { expect, test } from "vitest";
import { memberGroups, statesByUrgency, statesOf } from "./member-groups.ts";
import { hiddenMark, memberMarks, stateOfMark } from "./member-marks.ts";
import { memberStates, rolloutStates } from "./rollout.ts";
import { possibleSteers } from "./steering.ts";

test("each state has a letter of its own, and a letter leads back to it", () => {
  expect(memberStates.map((state) => stateOfMark(memberMarks[state]))).toEqual(memberStates);
  expect(new Set([hiddenMark, ...Object.values(memberMarks)]).size).toBe(memberStates.length + 1);
  expect(stateOfMark(hiddenMark)).toBeNull();
});

test("each state belongs to one group, and has one place among those that need a person", () => {
  expect(memberGroups.flatMap(statesOf).toSorted()).toEqual([...memberStates].toSorted());
  expect(statesByUrgency.toSorted()).toEqual([...memberStates].toSorted());
});

test("halting is possible while it runs and never else, and going back only where something can", () => {
  for (const state of rolloutStates) {
    expect(possibleSteers(state, 1).includes("halt")).toBe(state === "running");
    expect(possibleSteers(state, 0)).not.toContain("roll-back");
  }
  expect(possibleSteers("halted", 3)).toEqual(["resume", "stop", "roll-back"]);
  expect(possibleSteers("rolling-back", 3)).toEqual(["stop"]);
  expect(possibleSteers("rolled-back", 3)).toEqual([]);
});
