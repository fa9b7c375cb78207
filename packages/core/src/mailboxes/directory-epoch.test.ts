import { expect, test } from "vitest";
import { isLogOverlong, isTimeToWeighLog } from "./index.ts";

test.each([
  [1000, 0, false],
  [1001, 0, true],
  [4000, 1000, false],
  [4001, 1000, true],
  [10_000, 10_000, false],
])("a log of %i changes for %i living entries is overlong: %s", (revision, livingEntries, isOverlong) => {
  expect(isLogOverlong({ revision, livingEntries })).toBe(isOverlong);
});

test("a growing log is weighed now and then, and a short one never", () => {
  const weighed = Array.from({ length: 2000 }, (_, index) => index + 1).filter((revision) =>
    isTimeToWeighLog(revision - 1, revision),
  );
  expect(weighed).toEqual([1250, 1500, 1750, 2000]);
  expect(isTimeToWeighLog(0, 10_000)).toBe(true);
});
