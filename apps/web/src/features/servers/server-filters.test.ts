import { expect, test } from "vitest";
import { readServerFilters } from "./server-filters.ts";

test("the order is read with its direction", () => {
  expect(readServerFilters(new URLSearchParams("sort=-last-seen&q=mx&state=drift"))).toEqual({
    search: "mx",
    state: "drift",
    sort: "last-seen",
    isDescending: true,
  });
});

test("what does not fit falls back to the plain list", () => {
  expect(readServerFilters(new URLSearchParams("sort=evil&state=x&customer=1"))).toEqual({
    sort: "name",
    isDescending: false,
  });
});
