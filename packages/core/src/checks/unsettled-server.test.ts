import { expect, test } from "vitest";
import { planNextCheck } from "../domains/index.ts";
import { unsettledSince } from "./unsettled-server.ts";

const minuteMs = 60_000;
const changedAt = new Date("2026-11-29T12:00:00Z");
const longAgo = new Date("2026-11-01T12:00:00Z");
const found = { newestFindingAt: longAgo, changes: [changedAt], hasApplied: true };

test("a server on which nothing is wrong and which holds what is asked of it is settled", () => {
  expect(unsettledSince({ ...found, newestFindingAt: null })).toBeNull();
});

test("one that has not applied a change yet is looked at until it has, though nothing is wrong", () => {
  expect(unsettledSince({ newestFindingAt: null, changes: [changedAt, null], hasApplied: false })).toEqual(
    changedAt,
  );
});

test("after a change old findings are looked at as soon and as often as those of a domain", () => {
  const serverId = "00000000-0000-7000-8000-000000000000";
  const looks: number[] = [];
  let now = new Date(changedAt.getTime() + 1);
  while (looks.length < 6) {
    now = planNextCheck(
      { domainId: serverId, unsettledSince: unsettledSince(found), waitingSince: null },
      now,
    );
    looks.push((now.getTime() - changedAt.getTime()) / minuteMs);
  }
  expect(looks).toEqual([1, 5, 15, 60, 120, 180]);
});

test("without a change it is the youngest finding that counts", () => {
  expect(unsettledSince({ ...found, changes: [null] })).toEqual(longAgo);
});
