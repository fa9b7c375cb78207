import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  doneShare,
  estimateLeftMs,
  type JobStoryEvent,
  joinEvents,
  roundEstimate,
  tellStory,
} from "./job-story.ts";

const at = (seconds: number) => new Date(seconds * 1000);
const plan = (number: number): JobStoryEvent => ({
  number,
  at: at(0),
  body: {
    kind: "plan",
    steps: [
      { id: "packages", title: "Install packages", weight: 3 },
      { id: "postfix", title: "Apply Postfix files", weight: 1 },
    ],
  },
});
const started = (number: number, stepId: string, seconds = 0): JobStoryEvent => ({
  number,
  at: at(seconds),
  body: { kind: "step-started", stepId },
});
const ended = (number: number, stepId: string, seconds = 0): JobStoryEvent => ({
  number,
  at: at(seconds),
  body: { kind: "step-ended", stepId, outcome: "changed" },
});
const log = (number: number): JobStoryEvent => ({
  number,
  at: at(0),
  body: { kind: "log", level: "info", text: `line ${number}` },
});

describe("joinEvents", () => {
  test("however pages overlap and repeat, every event is held once and in order", () => {
    void fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 30 })), { maxLength: 20 }),
        (count, cuts) => {
          const all = Array.from({ length: count }, (_, index) => log(index + 1));
          let held: readonly JobStoryEvent[] = [];
          for (const [from, length] of cuts) {
            // A reader asks for what follows the last it holds, or is sent some of that again.
            const start = Math.min(from, held.length);
            held = joinEvents(held, all.slice(start, start + length));
          }
          held = joinEvents(held, all.slice(held.length));
          expect(held.map((event) => event.number)).toEqual(all.map((event) => event.number));
        },
      ),
    );
  });
});

describe("tellStory", () => {
  test("steps take the state of their last event", () => {
    const story = tellStory(
      [plan(1), started(2, "packages"), ended(3, "packages", 9), started(4, "postfix", 9)],
      "running",
    );
    expect(story.steps.map((step) => step.state)).toEqual(["changed", "running"]);
    expect(doneShare(story.steps)).toBe(0.75);
  });

  test("steps that a failed job never finished were not reached", () => {
    const story = tellStory([plan(1), started(2, "packages")], "failed");
    expect(story.steps.map((step) => step.state)).toEqual(["not-reached", "not-reached"]);
  });

  test("files of a step that was taken back are told apart from those that changed", () => {
    const file = (number: number, path: string): JobStoryEvent => ({
      number,
      at: at(0),
      body: { kind: "file-changed", path, diff: "" },
    });
    const reverted: JobStoryEvent = {
      number: 6,
      at: at(0),
      body: { kind: "step-ended", stepId: "postfix", outcome: "reverted" },
    };
    const begun = [
      plan(1),
      started(2, "packages"),
      file(3, "/etc/a"),
      started(4, "postfix"),
      file(5, "/etc/b"),
    ];
    const { files } = tellStory([...begun, reverted], "failed");
    expect(files.map(({ path, isPutBack }) => [path, isPutBack])).toEqual([
      ["/etc/a", false],
      ["/etc/b", true],
    ]);
  });

  test("the last number stops before a gap", () => {
    expect(tellStory([plan(1), log(2), log(4)], "running").lastNumber).toBe(2);
  });
});

describe("estimateLeftMs", () => {
  const story = tellStory([plan(1), started(2, "packages", 10), ended(3, "packages", 40)], "running");

  test("the rest is estimated from what the weights took so far", () => {
    expect(estimateLeftMs(story.steps, at(40))).toBe(10_000);
  });

  test("nothing is promised before enough is known", () => {
    expect(
      estimateLeftMs(tellStory([plan(1), started(2, "packages", 10)], "running").steps, at(60)),
    ).toBeNull();
    expect(estimateLeftMs([], at(60))).toBeNull();
  });
});

test.each([
  [800, 5000],
  [23_400, 25_000],
  [119_000, 120_000],
  [122_000, 120_000],
  [400_000, 420_000],
])("an estimate of %d ms is said as %d ms", (ms, said) => {
  expect(roundEstimate(ms)).toBe(said);
});
