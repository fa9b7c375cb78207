import { expect, test } from "vitest";
import { waysOf } from "./ways-of-proof.ts";

const byWeb = { challenge: "http-01", isWildcard: false } as const;
const byDns = { challenge: "dns-01", isWildcard: false } as const;
const wildcard = { challenge: "dns-01", isWildcard: true } as const;

test.each([
  ["a domain without one", null, "domain", byWeb, wildcard],
  ["a domain's names", byWeb, "domain", byWeb, wildcard],
  ["a domain's wildcard", wildcard, "domain", wildcard, byWeb],
  ["a domain's names by DNS", byDns, "domain", byDns, byWeb],
  ["a server without one", null, "server", byWeb, byDns],
  ["a server's by DNS", byDns, "server", byDns, byWeb],
] as const)(
  "%s is got anew as it is proven, and by the other way when that is asked for",
  (_what, known, of, again, other) => {
    expect(waysOf(known, of)).toEqual({ again, other });
  },
);
