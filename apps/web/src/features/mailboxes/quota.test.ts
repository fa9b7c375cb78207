import fc from "fast-check";
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

test.each([
  [5 * 1024 ** 3, "5"],
  [1.5 * 1024 ** 3, "1.5"],
  [512 * 1024 ** 2, "0.5"],
  [5_000_000, "0.004656613"],
  [1, "0.000000001"],
  [0, "0"],
])("%s bytes are shown as %j", (bytes, shown) => {
  expect(quotaText(bytes)).toBe(shown);
});

test("what is shown is read back as the same size, so that saving it unchanged changes nothing", () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeNat(), fc.nat(10_000_000)), (bytes) => {
      expect(parseQuota(quotaText(bytes))).toBe(bytes);
    }),
  );
});
