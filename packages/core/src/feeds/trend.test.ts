import { expect, test } from "vitest";
import { complaintTrend } from "./index.ts";

const days = (...shares: readonly number[]) =>
  shares.map((share) => ({ complaints: { lower: share, upper: share } }));
const week = (share: number) => Array.from({ length: 7 }, () => share);

test("a week is compared with the week before", () => {
  expect(complaintTrend(days(...week(0.001), ...week(0.004)))).toEqual({ direction: "up", before: 0.001 });
  expect(complaintTrend(days(...week(0.004), ...week(0.001)))).toMatchObject({ direction: "down" });
  expect(complaintTrend(days(...week(0.001), ...week(0.0012)))).toMatchObject({ direction: "level" });
});

test("too few days say nothing", () => {
  expect(complaintTrend(days(0.001, 0.002, ...week(0.004)))).toBeNull();
  expect(complaintTrend(days(...week(0.004)))).toBeNull();
  expect(complaintTrend([{ complaints: null }])).toBeNull();
});
