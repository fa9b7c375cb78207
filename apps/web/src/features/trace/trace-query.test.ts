import { expect, test } from "vitest";
import { emptyQuery, inputOf, isAsked, readTraceHash, traceHref } from "./trace-query.ts";

const query = { ...emptyQuery, from: "ann+x@a.example", id: "<1@a.example>", span: "day" as const };
const now = new Date("2026-11-20T12:00:00Z");

test("a question stands behind the # of its address, which no browser sends, and reads back as it was", () => {
  const href = traceHref(query);
  expect(href.startsWith("/trace#")).toBe(true);
  expect(readTraceHash(href.slice("/trace".length))).toEqual(query);
  expect(traceHref({})).toBe("/trace");
  expect(readTraceHash("#span=forever")).toEqual(emptyQuery);
});

test.each([
  [{ id: "4dB1xT2Mz1z3q" }, { queueId: "4dB1xT2Mz1z3q" }],
  [{ id: "<1@a.example>" }, { messageId: "<1@a.example>" }],
  [
    { from: " ann@a.example ", domain: "B.example" },
    { sender: "ann@a.example", domain: "b.example" },
  ],
])("%j is asked for as %j", (said, criteria) => {
  expect(inputOf({ ...emptyQuery, ...said, span: "hour" }, now)).toEqual({
    criteria: { ...criteria, fromUnixMs: now.getTime() - 3_600_000 },
  });
});

test("a time alone is no question", () => {
  expect(isAsked({ ...emptyQuery, span: "hour" })).toBe(false);
  expect(isAsked({ ...emptyQuery, to: "b@b.example" })).toBe(true);
});
