import { expect, test } from "vitest";
import { nextSort, readServerFilters } from "./server-filters.ts";

test("the order is read with its direction", () => {
  expect(readServerFilters(new URLSearchParams("sort=-last-seen&q=mx&state=drift"))).toEqual({
    search: "mx",
    state: "drift",
    sort: "last-seen",
    isDescending: true,
  });
});

test.each([
  ["tags=oslo,canary", ["oslo", "canary"]],
  ["tags=-", []],
  ["tags=", undefined],
  ["tags=two%20words%3C", undefined],
])("the tags of %j are %j", (address, tags) => {
  expect(readServerFilters(new URLSearchParams(address)).tags).toEqual(tags);
});

test("what does not fit falls back to the plain list", () => {
  expect(readServerFilters(new URLSearchParams("sort=evil&state=x&customer=1"))).toEqual({
    sort: "name",
    isDescending: false,
  });
});

test.each([
  ["", "name", "-name"],
  ["", "tenant", "tenant"],
  ["sort=tenant", "tenant", "-tenant"],
  ["sort=-tenant", "tenant", "tenant"],
  ["sort=-name", "name", null],
  ["", "queue", "-queue"],
  ["sort=-queue", "queue", "queue"],
])("after a press on a column of %j's list by %s comes %j", (address, key, next) => {
  expect(nextSort(readServerFilters(new URLSearchParams(address)), key)).toBe(next);
});
