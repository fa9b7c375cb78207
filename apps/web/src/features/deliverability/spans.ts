/** Times that a person may look at, as they stand in the URL. */
export const spans = ["day", "week", "month", "quarter"] as const;
export type Span = (typeof spans)[number];

/** The time that the page is about; a week where the URL says nothing that is known. */
export function readSpan(params: { get(name: string): string | null }): Span {
  const wanted = params.get("span");
  return spans.find((span) => span === wanted) ?? "week";
}

/** Times that the whole fleet is looked at over: a course, so never a day alone. */
export const fleetSpans = ["week", "month", "quarter"] as const;
export type FleetSpan = (typeof fleetSpans)[number];
