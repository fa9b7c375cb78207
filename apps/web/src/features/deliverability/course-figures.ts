import { addDays, type DayFigures } from "@mailstead/core/reputation";
import type { ChartDay } from "../../components/day-chart.tsx";

/** What a chart of days can show. */
export const measures = ["delivered", "held", "refused", "messages"] as const;
export type Measure = (typeof measures)[number];

interface Course {
  readonly days: readonly string[];
  readonly daysBefore: readonly string[];
  readonly cells: readonly (DayFigures & { readonly day: string })[];
}

/** The days of a chart, all receivers that were asked for as one, each beside the same day of the time before. */
export function chartDays(course: Course, asked: { measure: Measure; isCompared: boolean }): ChartDay[] {
  const byDay = new Map(
    [...Map.groupBy(course.cells, ({ day }) => day)].map(([day, own]) => [day, own.reduce(addDays, nothing)]),
  );
  return course.days.map((day, index) => {
    const figures = byDay.get(day) ?? nothing;
    const before = byDay.get(course.daysBefore[index] ?? "") ?? nothing;
    return {
      day,
      value: measureOf(figures, asked.measure),
      before: asked.isCompared ? measureOf(before, asked.measure) : null,
      volume: figures.messages,
      isFew: figures.messages > 0 && figures.messages < fewMax,
    };
  });
}

const fewMax = 10;

/** Some days as one. */
export function sumOfDays(course: Pick<Course, "cells">, days: readonly string[]): DayFigures {
  const own = new Set(days);
  return course.cells.filter(({ day }) => own.has(day)).reduce<DayFigures>(addDays, nothing);
}

const nothing: DayFigures = { messages: 0, delivered: 0, deferred: 0, refused: 0, slowed: 0, blocked: 0 };

/** How often the measured thing happened. */
export function countOf(figures: DayFigures, measure: Measure): number {
  return measure === "held" ? figures.slowed + figures.blocked : figures[measure];
}

/** The measured thing: a share of the messages, or their number; null where there were none to have a share of. */
export function measureOf(figures: DayFigures, measure: Measure): number | null {
  if (measure === "messages") return figures.messages;
  // What waited from the day before is delivered beyond the messages of this one.
  return figures.messages === 0 ? null : Math.min(1, countOf(figures, measure) / figures.messages);
}

/** The top of a scale that holds these values and is read easily. */
export function scaleTop(days: readonly ChartDay[], measure: Measure): number {
  if (measure === "delivered") return 1;
  const highest = Math.max(...days.flatMap(({ value, before }) => [value ?? 0, before ?? 0]));
  const least = measure === "messages" ? 10 : 0.02;
  const wanted = Math.max(highest, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].find((one) => one * power >= wanted * (1 - Number.EPSILON)) ?? 10;
  return measure === "messages" ? step * power : Math.min(1, step * power);
}
