import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareVersions } from "./index.ts";

describe("Debian's order of versions", () => {
  test.each([
    ["1.0~rc1", "<", "1.0"],
    ["1.0~~", "<", "1.0~"],
    ["1.0~rc1-1", "<", "1.0-0.1"],
    ["1.0", "<", "1.0a"],
    ["1.0a", "<", "1.0+b"],
    ["1.0+b", "<", "1.0.1"],
    ["1.2", "<", "1.10"],
    ["1.02", "=", "1.2"],
    ["1.0-0", "=", "1.0"],
    ["0:1.0-1", "=", "1.0-1"],
    ["2:1.0", ">", "1:9.9"],
    ["10:1", ">", "9:1"],
    ["3.0.17-1~deb12u2", "<", "3.0.17-1"],
    ["5.2.15-2+b8", "<", "5.2.15-2+b13"],
    ["1:2.3.19.1+dfsg1-2.1+deb12u6", "<", "1:2.3.19.1+dfsg1-2.1+deb12u10"],
    ["1.0-1-2", ">", "1.0-1"],
    ["6.1.0-28-amd64", "<", "6.1.0-57-amd64"],
    ["6.1.0-57-cloud-amd64", ">", "6.1.0-28-amd64"],
    ["20240101", ">", "2"],
    ["1.99999999999999999998", "<", "1.99999999999999999999"],
  ])("%s %s %s", (left, sign, right) => {
    const expected = { "<": -1, "=": 0, ">": 1 }[sign];
    expect(Math.sign(compareVersions(left, right))).toBe(expected);
    expect(Math.sign(compareVersions(right, left)) + 0).toBe(-(expected ?? 0) + 0);
  });

  // Few characters, so that two versions are often nearly the same.
  const version = fc.string({ unit: fc.constantFrom(..."0129a+.~-:"), maxLength: 8 });
  const sign = (left: string, right: string) => Math.sign(compareVersions(left, right)) + 0;

  test("is one order: whole, the same both ways, and no circle", () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(sign(a, a)).toBe(0);
        expect(sign(a, b)).toBe(-sign(b, a) + 0);
        if (sign(a, b) <= 0 && sign(b, c) <= 0) expect(sign(a, c)).toBeLessThanOrEqual(0);
        if (sign(a, b) === 0) expect(sign(a, c)).toBe(sign(b, c));
      }),
      { numRuns: 2000 },
    );
  });

  test("puts a tilde before what it stands behind, and more digits of one place after", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d[a-z0-9.+]{0,8}-[a-z0-9.+]{1,6}$/), fc.nat(99), (base, number) => {
        expect(sign(`${base}~bpo12+1`, base)).toBe(-1);
        expect(sign(`${base}+deb12u${number}`, `${base}+deb12u${number + 1}`)).toBe(-1);
      }),
    );
  });
});
