import { expect, test } from "vitest";
import { nextDirectoryLook, termsStanding } from "./index.ts";

const agreedAt = new Date("2026-11-01T00:00:00Z");
const old = "https://ca.example/terms-1";
const other = "https://ca.example/terms-2";

test.each([
  ["nobody has agreed", { agreedAt: null, agreedUrl: null, termsUrl: old }, "open"],
  ["they are the same", { agreedAt, agreedUrl: old, termsUrl: old }, "accepted"],
  ["others stand in their place", { agreedAt, agreedUrl: old, termsUrl: other }, "changed"],
  ["the directory names none any more", { agreedAt, agreedUrl: old, termsUrl: null }, "accepted"],
  ["it was not known what was agreed to", { agreedAt, agreedUrl: null, termsUrl: other }, "accepted"],
] as const)("terms where %s", (_how, facts, standing) => {
  expect(termsStanding(facts)).toBe(standing);
});

test("a directory is read daily, and after a failure sooner, each time later and never later than that", () => {
  const now = new Date("2026-11-20T12:00:00Z");
  const after = (failures: number) =>
    nextDirectoryLook({ organisationId: "o", failures }, now).getTime() - now.getTime();
  expect(after(0)).toBeGreaterThanOrEqual(24 * 3_600_000);
  expect(after(1)).toBeLessThanOrEqual(75_000);
  for (let failures = 1; failures < 30; failures += 1) {
    expect(after(failures + 1)).toBeGreaterThanOrEqual(after(failures));
    expect(after(failures)).toBeLessThan(after(0));
  }
});
