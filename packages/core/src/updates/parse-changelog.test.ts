import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { higherUrgency, parseChangelog } from "./index.ts";

const openssl = readFileSync(join(import.meta.dirname, "golden/openssl.changelog"), "utf8");

test("of a changelog of Debian's, what is newer counts: its CVEs, each once, and its highest urgency", () => {
  expect(parseChangelog(openssl, "3.0.22-1~deb12u1")).toEqual({
    versions: ["3.0.22-1~deb12u2"],
    urgency: "high",
    cves: [
      "CVE-2026-35189",
      "CVE-2026-54872",
      "CVE-2026-75805",
      "CVE-2026-75806",
      "CVE-2026-77696",
      "CVE-2026-84782",
    ],
  });
  const since = parseChangelog(openssl, "3.0.20-1~deb12u1");
  expect(since.versions).toEqual(["3.0.22-1~deb12u2", "3.0.22-1~deb12u1", "3.0.20-1~deb12u2"]);
  expect(since.urgency).toBe("high");
  expect(since.cves).toContain("CVE-2026-7383");
  expect(since.cves[0]).toBe("CVE-2026-7383");
});

test("nothing is new to who has the newest", () => {
  expect(parseChangelog(openssl, "3.0.22-1~deb12u2")).toEqual({ versions: [], urgency: null, cves: [] });
});

test("what stands before the first entry, and what is no CVE, says nothing", () => {
  const text =
    "CVE-2020-1111\n\na (2-1) x; urgency=unheard, binary-only=yes\n\n  * Fix cve-2024-12345, CVE-24-1\n";
  expect(parseChangelog(text, "1")).toEqual({ versions: ["2-1"], urgency: null, cves: ["CVE-2024-12345"] });
});

test("the more urgent of two is kept", () => {
  expect(higherUrgency(null, "low")).toBe("low");
  expect(higherUrgency("high", "medium")).toBe("high");
  expect(higherUrgency(null, null)).toBeNull();
});
