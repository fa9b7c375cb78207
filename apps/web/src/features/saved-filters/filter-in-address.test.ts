import { expect, test } from "vitest";
import { changesTo, filterInAddress } from "./filter-in-address.ts";

test("what an address asks for is the same text in whatever order it stands", () => {
  const asked = "q=mx&state=drift&tags=oslo%2Ccanary";
  expect(filterInAddress(new URLSearchParams("tags=oslo,canary&add=1&state=drift&q=mx&all=1"))).toBe(asked);
  expect(filterInAddress(new URLSearchParams("all=1&q="))).toBe("");
});

test("a saved filter takes the place of all that was asked for, and all rows are asked for by name", () => {
  expect(changesTo("state=drift&sort=-queue")).toEqual({
    q: null,
    state: "drift",
    customer: null,
    tags: null,
    sort: "-queue",
    all: null,
  });
  expect(changesTo(null)).toMatchObject({ state: null, all: "1" });
});
