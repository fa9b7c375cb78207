import { expect, test } from "vitest";
import {
  filterAsShown,
  filterOf,
  isFiltered,
  noFilters,
  queueHash,
  queueOfSenderHref,
  readQueueHash,
} from "./queue-filters.ts";

const now = 1_800_000_000_000;

test("what is left empty limits nothing, and an age is a time of arrival", () => {
  expect(filterOf({ ...noFilters, sender: "ann", domain: "a.example", age: "hour" }, new Date(now))).toEqual({
    sender: "ann",
    domain: "a.example",
    arrivedUntil: now - 3_600_000,
  });
  expect(filterOf({ ...noFilters, age: "forever" }, new Date(now))).toEqual({});
  expect(isFiltered(noFilters)).toBe(false);
});

test("an order to all that match means nothing that arrived after the queue was shown", () => {
  expect(filterAsShown({ ...noFilters, queue: "hold" }, now)).toEqual({ queue: "hold", arrivedUntil: now });
  expect(filterAsShown({ ...noFilters, age: "day" }, now).arrivedUntil).toBe(now - 86_400_000);
});

test("a link to what a sender has in a queue is read as it was written, and no server on the way is told whom", () => {
  const link = new URL(queueOfSenderHref("ID", "a+b&c@a.example"), "https://a.example");
  expect(`${link.pathname}${link.search}`).toBe("/servers/ID/queue");
  expect(readQueueHash(link.hash)).toEqual({ ...noFilters, sender: "a+b&c@a.example" });
});

test("whatever the bar holds is read from the address as it was written there", () => {
  const all = {
    sender: "<>",
    recipient: "zoë@b.example",
    domain: "b.example",
    queue: "hold",
    provider: "gmail",
    category: "rate-limit",
    age: "day",
  };
  expect(readQueueHash(queueHash(all))).toEqual(all);
  expect(queueHash(noFilters)).toBe("");
  for (const hash of ["", "#", "#messages", "#queue=all&age=toString"])
    expect(readQueueHash(hash)).toEqual(noFilters);
});
