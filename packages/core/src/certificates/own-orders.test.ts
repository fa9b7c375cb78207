import { describe, expect, test } from "vitest";
import { findingsOfCertificate, isDirectoryUrl, nextNameLook, planRevocation } from "./index.ts";

const now = new Date("2026-11-01T00:00:00Z");
const dayMs = 86_400_000;
const inDays = (days: number) => new Date(now.getTime() + days * dayMs);

describe("a revocation", () => {
  test.each([
    [{ isServed: true, isAtOnce: false, notAfter: inDays(60) }, "wait"],
    [{ isServed: true, isAtOnce: true, notAfter: inDays(60) }, "revoke"],
    [{ isServed: false, isAtOnce: false, notAfter: inDays(60) }, "revoke"],
    [{ isServed: false, isAtOnce: true, notAfter: inDays(0) }, "needless"],
  ])("of %j comes to %s", (facts, kind) => {
    expect(planRevocation(facts, now).kind).toBe(kind);
  });
});

describe("a directory", () => {
  test.each([
    ["https://acme-v02.api.letsencrypt.org/directory", true],
    ["https://10.0.0.4:14000/dir", true],
    ["http://127.0.0.1:14000/dir", true],
    ["http://[::1]/dir", true],
    ["http://ca.example/dir", false],
    ["http://127.0.0.1.example/dir", false],
    ["https://user:secret@ca.example/dir", false],
    ["https://", false],
    ["ftp://ca.example/dir", false],
    ["ca.example", false],
  ])("%s is taken: %s", (text, isTaken) => {
    expect(isDirectoryUrl(text)).toBe(isTaken);
  });
});

test("names of a new domain are looked at often, and later seldom, at a moment of its own", () => {
  const waitMs = (addedAt: Date, domainId = "one") =>
    nextNameLook({ domainId, addedAt }, now).getTime() - now.getTime();
  expect(waitMs(inDays(-0.5))).toBeLessThan(15 * 60_000);
  expect(waitMs(inDays(-3))).toBeGreaterThanOrEqual(6 * 3_600_000);
  expect(waitMs(inDays(-3), "one")).not.toBe(waitMs(inDays(-3), "two"));
});

test("one cause is one finding, which becomes worse, and says of a past end that it is past", () => {
  const named = { title: "mx.example", serverName: "mx", problem: "The CA is away." };
  const foundAt = (daysLeft: number) =>
    findingsOfCertificate(
      { notBefore: inDays(daysLeft - 90), notAfter: inDays(daysLeft), problem: null },
      named,
      now,
    );
  const keysAt = (daysLeft: number) =>
    foundAt(daysLeft).map(({ key, severity }) => `${severity} ${key.split(" ")[0]}`);
  expect(keysAt(15)).toEqual([]);
  expect(keysAt(13)).toEqual(["warning held-certificate-ends"]);
  expect(keysAt(6)).toEqual(["error held-certificate-ends"]);
  expect(keysAt(-1)).toEqual(["error held-certificate-ends"]);
  const [ended] = foundAt(-1);
  expect(ended?.sentence).toMatch(/ ended on .*The CA is away\.$/);
  expect(ended?.told.why).not.toMatch(/Nothing is broken/);
});

test("a first certificate that cannot be got is not said to go on", () => {
  const problem = { kind: "permanent", attempts: 9 } as const;
  const [found] = findingsOfCertificate(
    { notBefore: null, notAfter: null, problem },
    { title: "mx.example", serverName: "mx", problem: "The name leads nowhere." },
    now,
  );
  expect(found?.sentence).toBe(
    "mx has no certificate for mx.example, and none can be got. The name leads nowhere.",
  );
  expect(`${found?.sentence} ${found?.told.why}`).not.toMatch(/goes on|renewed/);
});
