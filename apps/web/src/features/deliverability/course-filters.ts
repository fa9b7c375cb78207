import { z } from "zod";
import { type Measure, measures } from "./course-figures.ts";
import { providerFilter } from "./fleet-filters.ts";

export const courseViews = ["map", "chart", "table"] as const;
export type CourseView = (typeof courseViews)[number];

const filtersSchema = z.object({
  view: z.enum(courseViews).catch("map"),
  measure: z.enum(measures).catch("delivered"),
  isCompared: z.boolean(),
  provider: providerFilter,
  address: z.string().max(64).optional(),
});

/** What the days are looked at by, as it stands in the page's address. */
export interface CourseFilters extends z.infer<typeof filtersSchema> {
  measure: Measure;
}

/** Reads how the days are to be shown from the page's address; what does not fit is left out. */
export function readCourseFilters(params: { get(name: string): string | null }): CourseFilters {
  return filtersSchema.parse({
    view: params.get("view") ?? undefined,
    measure: params.get("measure") ?? undefined,
    isCompared: params.get("compare") === "1",
    provider: params.get("provider") ?? undefined,
    address: params.get("address") ?? undefined,
  });
}

/** The time of a chart: never a day alone. */
export function courseSpan(span: string): "week" | "month" | "quarter" {
  return span === "month" || span === "quarter" ? span : "week";
}
