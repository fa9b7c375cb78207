import { expect, test } from "vitest";
import { chartDays, measureOf, scaleTop, sumOfDays } from "./course-figures.ts";

const cell = (day: string, messages: number, delivered: number) => ({
  day,
  messages,
  delivered,
  deferred: 0,
  refused: messages - delivered,
  slowed: 0,
  blocked: 0,
});
const course = {
  daysBefore: ["2026-11-01", "2026-11-02"],
  days: ["2026-11-03", "2026-11-04"],
  cells: [cell("2026-11-01", 50, 25), cell("2026-11-03", 80, 80), cell("2026-11-03", 20, 10)],
};

test("receivers of a day are one value, a day without mail is a gap, and the time before lies day by day beside", () => {
  expect(chartDays(course, { measure: "delivered", isCompared: true })).toEqual([
    { day: "2026-11-03", value: 0.9, before: 0.5, volume: 100, isFew: false },
    { day: "2026-11-04", value: null, before: null, volume: 0, isFew: false },
  ]);
  expect(chartDays(course, { measure: "messages", isCompared: false }).map(({ value }) => value)).toEqual([
    100, 0,
  ]);
  expect(sumOfDays(course, course.days)).toMatchObject({ messages: 100, delivered: 90, refused: 10 });
});

test("what waited from the day before never makes more than all", () => {
  expect(measureOf(cell("2026-11-03", 10, 12), "delivered")).toBe(1);
});

test("a scale ends at a round number above its highest value", () => {
  const top = (value: number, measure: "held" | "messages") =>
    scaleTop([{ day: "", value, before: null, volume: 0, isFew: false }], measure);
  expect([
    top(0.041, "held"),
    top(0, "held"),
    top(0.7, "held"),
    top(1234, "messages"),
    top(3, "messages"),
  ]).toEqual([0.05, 0.02, 1, 2000, 10]);
});
