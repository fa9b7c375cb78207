import fc from "fast-check";
import { expect, test } from "vitest";
import { hostedAddressProblem, localPartProblem, remoteAddressSchema } from "./index.ts";

test.each(["ann", "ann.berg", "a", "_dmarc", "a-b_c.d", "x".repeat(64)])(
  "%s can be a mailbox",
  (localPart) => {
    expect(localPartProblem(localPart)).toBeNull();
  },
);

test.each([
  ["", "the part before the @ is missing"],
  ["x".repeat(65), "the part before the @ has at most 64 characters"],
  ["Ann", "addresses are stored in lower case"],
  ["a..b", "the part before the @ has two dots in a row"],
  [".a", 'the part before the @ may hold letters, digits, dots, hyphens and underscores, not ".a"'],
  ["a+b", 'the part before the @ may hold letters, digits, dots, hyphens and underscores, not "a+b"'],
  ["ä", 'the part before the @ may hold letters, digits, dots, hyphens and underscores, not "ä"'],
])("%j cannot: %s", (localPart, problem) => {
  expect(localPartProblem(localPart)).toBe(problem);
});

test("an address that Mailstead hosts means nothing to a path, a shell, SQL or a lookup table", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
      if (hostedAddressProblem(`${text}@a.example`) === null) expect(text).toMatch(/^[a-z0-9._-]+$/);
    }),
  );
});

test("a whole address has at most 254 characters", () => {
  const domain = `${"x".repeat(60)}.${"y".repeat(60)}.${"z".repeat(60)}.${"w".repeat(8)}.example`;
  expect(hostedAddressProblem(`${"a".repeat(64)}@${domain}`)).toBe("an address has at most 254 characters");
});

test.each(["o'brien@elsewhere.example", "a+b@elsewhere.example", "A.B@elsewhere.example"])(
  "mail may be forwarded to %s",
  (address) => {
    expect(remoteAddressSchema.safeParse(address).success).toBe(true);
  },
);

test.each(["@elsewhere.example", "a@", "a b@c.example", '"a b"@c.example', "a@b", "a\n@b.example"])(
  "and not to %j",
  (address) => {
    expect(remoteAddressSchema.safeParse(address).success).toBe(false);
  },
);
