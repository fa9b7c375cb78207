import { expect, test } from "vitest";
import type { StepState, StoryStep } from "./job-story.ts";
import { groupSteps } from "./step-groups.ts";

const step = (id: string, state: StepState = "changed"): StoryStep => ({
  id,
  title: id,
  weight: 1,
  state,
  startedAt: null,
  endedAt: null,
  detail: null,
});
const folders = (states: readonly StepState[]) =>
  states.map((state, index) => step(`create-folder:/var/${index}`, state));
const told = (steps: readonly StoryStep[]) =>
  groupSteps(steps).map((line) =>
    "steps" in line ? `${line.steps.length} ${line.kind} ${line.state}` : line.id,
  );

test("folders side by side are one line, and other steps keep theirs", () => {
  expect(
    told([
      step("install-packages:stack"),
      ...folders(["changed", "changed", "unchanged"]),
      step("start-unit:a"),
    ]),
  ).toEqual(["install-packages:stack", "3 create-folder changed", "start-unit:a"]);
});

test("two folders are no crowd", () => {
  expect(told(folders(["changed", "changed"]))).toEqual(["create-folder:/var/0", "create-folder:/var/1"]);
});

test("a folder that failed is not hidden among those that did not", () => {
  expect(told(folders(["changed", "changed", "changed", "failed", "not-reached"]))).toEqual([
    "3 create-folder changed",
    "create-folder:/var/3",
    "create-folder:/var/4",
  ]);
});

test.each<[readonly StepState[], StepState]>([
  [["waiting", "waiting", "waiting"], "waiting"],
  [["changed", "waiting", "waiting"], "running"],
  [["changed", "running", "waiting"], "running"],
  [["changed", "not-reached", "not-reached"], "not-reached"],
  [["unchanged", "unchanged", "unchanged"], "unchanged"],
])("folders that are %j are %s together", (states, state) => {
  expect(told(folders(states))).toEqual([`3 create-folder ${state}`]);
});
