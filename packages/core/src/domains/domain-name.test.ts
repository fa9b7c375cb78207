import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { domainNameProblem, shown } from "./index.ts";

describe("a domain name", () => {
  test.each(["example.com", "xn--bcher-kva.example", "a.b", "0-9.example", `${"x".repeat(63)}.example`])(
    "%s is one",
    (name) => {
      expect(domainNameProblem(name)).toBeNull();
    },
  );

  test.each([
    ["", "a domain name is missing"],
    ["localhost", "a domain name has at least two parts, like example.com"],
    ["Example.com", "a domain name is stored in lower case"],
    ["a..b", "a domain name has an empty part"],
    ["a.example.", "a domain name has an empty part"],
    ["-a.example", 'the part "-a" may hold only letters, digits and inner hyphens'],
    ["a_b.example", 'the part "a_b" may hold only letters, digits and inner hyphens'],
    [`${"x".repeat(64)}.example`, `the part "${"x".repeat(40)}…" has more than 63 characters`],
    [`${"x.".repeat(130)}example`, "a domain name has at most 253 characters"],
    ["203.0.113.9", "a domain name does not end in a number"],
  ])("%j is none: %s", (name, problem) => {
    expect(domainNameProblem(name)).toBe(problem);
  });

  test("nothing but letters, digits, hyphens and dots ever passes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        if (domainNameProblem(`${text}.example`) === null) expect(text).toMatch(/^[a-z0-9.-]+$/);
      }),
    );
  });
});

describe("what somebody typed", () => {
  test("is shown on one line, short, and with every unseen character in sight", () => {
    expect(shown("a\nb\u202Ec")).toBe("a\\u{a}b\\u{202e}c");
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 500 }), (text) => {
        expect(shown(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(shown(text).length).toBeLessThan(400);
      }),
    );
  });
});
