import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { judgeOpenIssues } from "./judge-open-issues.ts";
import { parseSecurityList, type SecurityList } from "./parse-security-list.ts";

const golden = join(import.meta.dirname, "golden");
const text = readFileSync(join(golden, "security-list.txt"), "utf8");

function listOf(read: string): SecurityList {
  const parsed = parseSecurityList(read);
  if (parsed.kind === "unreadable") throw new Error(parsed.sentence);
  return parsed.list;
}
const sentenceOf = (read: string) => {
  const parsed = parseSecurityList(read);
  return parsed.kind === "unreadable" ? parsed.sentence : "read";
};
const openOn = (suite: "bookworm" | "trixie", sourceName: string, sourceVersion: string) =>
  judgeOpenIssues(listOf(text), { sourceName, sourceVersion }, suite).map(({ cve }) => cve);

describe("Debian's list of issues", () => {
  it("is read as the security tracker writes it", async () => {
    const { issues, issueCount } = listOf(text);
    const told = { issueCount, issues: Object.fromEntries(issues) };
    await expect(`${JSON.stringify(told, null, 1)}\n`).toMatchFileSnapshot(
      join(golden, "security-list.golden"),
    );
  });

  test.each([
    ["", "Line 1 of the list does not say VERSION 1, so this is another format or no list."],
    ["VERSION 2\n\n\n", "Line 1 of the list does not say VERSION 1, so this is another format or no list."],
    [
      "<!doctype html>\n<title>Sign in</title>",
      "Line 1 of the list does not say VERSION 1, so this is another format or no list.",
    ],
    ["VERSION 1\n", "Line 1 of the list is the last, in the middle of the list."],
    ["VERSION 1\nCVE-2026-1,,x", "Line 2 of the list is the last, in the middle of the list."],
    ["VERSION 1\nno commas\n\n\n", "Line 2 of the list names no issue."],
    [
      "VERSION 1\nCVE-2026-1111,,x\n\nopenssl,1,S   ,,\n\n",
      "Line 4 of the list is no package with its issue.",
    ],
    [
      "VERSION 1\nCVE-2026-1111,,x\n\nopenssl,0,S  ,,\n\n",
      "Line 4 of the list is no package with its issue.",
    ],
    [
      "VERSION 1\nCVE-2026-1111,,x\n\nopenssl,0,SX  ,,\n\n",
      "Line 4 of the list is no package with its issue.",
    ],
    ["VERSION 1\nCVE-2026-1111,,x\n\n--x,0,S   ,,\n\n", "Line 4 of the list is no package with its issue."],
    [
      "VERSION 1\nCVE-2026-1111,,x\n\nopenssl,0,S   ,;rm,\n\n",
      "Line 4 of the list is no package with its issue.",
    ],
    [
      "VERSION 1\nCVE-2026-1111,,x\n\nopenssl,0,S   ,,1 \n\n",
      "Line 4 of the list is no package with its issue.",
    ],
    [
      "VERSION 1\nCVE-2026-1111,,x\n\nopenssl,0,S   ,,\n",
      "Line 4 of the list is the last, in the middle of the list.",
    ],
    [`VERSION 1\n${"x".repeat(200_001)}\n\n\n`, "Line 2 of the list is more than a list has."],
  ])("is refused whole, with the line that is wrong, when it is %j", (wrong, sentence) => {
    expect(sentenceOf(wrong)).toBe(sentence);
  });

  it("is either read or refused, wherever it is cut off or a character of it is another", () => {
    for (let place = 0; place < text.length; place += 1) {
      expect(["read", "unreadable"]).toContain(parseSecurityList(text.slice(0, place)).kind);
      const changed = `${text.slice(0, place)}\u0000${text.slice(place + 1)}`;
      expect(["read", "unreadable"]).toContain(parseSecurityList(changed).kind);
    }
  });

  it("of no issue at all is one that is read", () => {
    expect(listOf("VERSION 1\n\n\n")).toEqual({ issues: new Map(), issueCount: 0 });
  });
});

describe("a version that a host has", () => {
  test.each([
    ["bookworm", "openssl", "3.0.11-1~deb12u2", ["CVE-2024-0001", "CVE-2026-3333"]],
    ["bookworm", "openssl", "3.0.17-1~deb12u2", ["CVE-2026-3333"]],
    ["bookworm", "openssl", "3.0.17-1~deb12u3", ["CVE-2024-0001"]],
    ["trixie", "openssl", "3.5.1-1+deb13u1", []],
    ["trixie", "openssl", "3.5.1-1", ["CVE-2026-3333"]],
    ["trixie", "openssl", "3.5.4-1", []],
    ["trixie", "openssl", "4.0.0-1", []],
    ["bookworm", "dovecot", "1:2.3.19.1+dfsg1-2.1+deb12u2", ["CVE-2026-2222"]],
    ["bookworm", "glibc", "2.36-9+deb12u10", ["CVE-2026-2222"]],
    ["bookworm", "linux", "6.1.158-1", []],
    ["bookworm", "nginx", "1.22.1-9", []],
  ] as const)("on %s, %s %s, is open to just these", (suite, sourceName, version, cves) => {
    expect(openOn(suite, sourceName, version)).toEqual(cves);
  });

  it("is open with how grave that is and the first version of its release without it", () => {
    const list = listOf(text);
    const openssl = { sourceName: "openssl", sourceVersion: "3.0.17-1~deb12u2" };
    expect(judgeOpenIssues(list, openssl, "bookworm")).toEqual([
      {
        cve: "CVE-2026-3333",
        urgency: "high",
        isRemote: false,
        isFixed: true,
        fixedVersion: "3.0.17-1~deb12u3",
      },
    ]);
    const dovecot = { sourceName: "dovecot", sourceVersion: "1:2.3.19.1+dfsg1-2.1+deb12u1" };
    expect(judgeOpenIssues(list, dovecot, "bookworm")).toEqual([
      {
        cve: "CVE-2025-1111",
        urgency: "medium",
        isRemote: false,
        isFixed: true,
        fixedVersion: "1:2.3.19.1+dfsg1-2.1+deb12u2",
      },
      { cve: "CVE-2026-2222", urgency: null, isRemote: null, isFixed: false, fixedVersion: null },
    ]);
  });

  it("of a signed kernel is judged as the kernel that was signed", () => {
    const kernel = { sourceName: "linux-signed-amd64", sourceVersion: "6.1.140+1" };
    expect(judgeOpenIssues(listOf(text), kernel, "bookworm")).toEqual([
      { cve: "CVE-2026-4444", urgency: "high", isRemote: true, isFixed: true, fixedVersion: "6.1.158-1" },
    ]);
    expect(openOn("bookworm", "linux-signed-amd64", "6.1.176+1")).toEqual([]);
    // Only what Debian signs: a host could tell of thousands of such names, each with all that ever was in a kernel.
    expect(openOn("bookworm", "linux-signed-x1", "0")).toEqual([]);
  });
});
