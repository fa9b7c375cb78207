import { expect, test } from "vitest";
import { parseQuota, quotaText } from "./quota.ts";

test.each([
  ["0", 0],
  ["2", 2 * 1024 ** 3],
  [" 1,5 ", 1.5 * 1024 ** 3],
  ["-1", null],
  ["2 GB", null],
  ["", null],
])("%j is read as %s bytes", (typed, bytes) => {
  expect(parseQuota(typed)).toBe(bytes);
});

test("what is shown is read back as the same size", () => {
  expect(parseQuota(quotaText(5 * 1024 ** 3))).toBe(5 * 1024 ** 3);
});
