import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findingDetailsSchema } from "../findings/index.ts";
import { hostConditionCodes, judgeHostConditions, type ToldHost } from "../servers/index.ts";
import { momentMark } from "../text/index.ts";
import { findingOfCondition } from "./judge-conditions.ts";
import { waitingFinding } from "./waiting-finding.ts";

const bad: ToldHost = {
  services: ["fail2ban.service", "postfix@-.service"].map((unit) => ({
    unit,
    state: "failed",
    sinceUnixMs: Date.UTC(2026, 10, 29, 4, 5, 6),
  })),
  canReachPort25: false,
  hasValidatedDns: false,
  diskFreeBytes: 4e9,
  diskTotalBytes: 40e9,
  memoryTotalBytes: 8e9,
  memoryAvailableBytes: 1e9,
  queueSizeMessages: 612,
  queueOldestAtUnixMs: Date.UTC(2026, 10, 28),
  queueLateMessages: 77,
  queueUntakenMessages: 2,
  queueWaiting: [
    { provider: "outlook", messages: 240, lateMessages: 200, oldestAtUnixMs: Date.UTC(2026, 10, 28, 1, 2) },
    { provider: "gmail", messages: 9, lateMessages: 4, oldestAtUnixMs: Date.UTC(2026, 10, 28) },
  ],
  isRebootRequired: true,
  dkimKeysGone: ["s1._domainkey.a.example"],
};
const findings = judgeHostConditions({ host: bad, hasRelayForAll: false, isInstalled: true }).map(
  (condition) => findingOfCondition(condition, bad),
);
const of = (kind: string) => findings.filter((finding) => finding.kind === kind);

test("every condition is a finding with evidence, why it matters and what to do", () => {
  expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(hostConditionCodes));
  for (const { sentence, evidence, why, fix } of findings) {
    expect(evidence.length).toBeGreaterThan(0);
    for (const text of [sentence, why, fix]) expect(text).toMatch(/^[A-Z0-9].*\.$/s);
  }
});

test("each has a part in the runbook", () => {
  const runbook = readFileSync(join(import.meta.dirname, "../../../../docs/runbooks/dns-checks.md"), "utf8");
  const titles = runbook.split("\n").filter((line) => line.startsWith("## "));
  for (const code of hostConditionCodes) expect(titles.join("\n")).toContain(`\`${code}\``);
});

test("services are told of one by one, each with its own reason, unit and way back", () => {
  expect(of("service-down")).toMatchObject([
    {
      severity: "error",
      about: "fail2ban.service",
      sentence: "Fail2ban does not run on the server.",
      evidence: [expect.stringMatching(/^systemctl: fail2ban\.service failed since \{at:\d+\}$/)],
      why: "Nobody is kept out who tries one password after the other.",
    },
    { sentence: "Postfix does not run on the server.", record: expect.stringContaining("postfix@-.service") },
  ]);
});

test("disk and memory say how much is left in whole percent, and the sentence only which level it fell under", () => {
  expect(of("disk-full")).toMatchObject([
    {
      severity: "error",
      sentence: "Less than 15 % of the server's disk is free.",
      evidence: ["its agent: 10 % of 40 GB at / are free"],
    },
  ]);
  expect(of("memory-low")).toMatchObject([
    {
      severity: "warning",
      sentence: "Less than 20 % of the server's memory is available.",
      evidence: ["/proc/meminfo: 13 % of 8 GB available"],
    },
  ]);
});

test("the queue says how many wait and since when", () => {
  expect(of("queue-long")[0]?.evidence).toEqual([
    "postqueue: 612 messages",
    `postqueue: the oldest is of ${momentMark(new Date("2026-11-28T00:00:00Z"))}`,
  ]);
});

test("a port that is closed before anything is installed can wait", () => {
  const early = judgeHostConditions({ host: bad, hasRelayForAll: false, isInstalled: false });
  expect(early.find(({ code }) => code === "port-25-blocked")?.level).toBe("attention");
  const relayed = judgeHostConditions({ host: bad, hasRelayForAll: true, isInstalled: true });
  expect(relayed.map(({ code }) => code)).not.toContain("port-25-blocked");
});

test("mail that waits is told of for each receiver that puts off several for long, with a page of its own", () => {
  expect(of("queue-receiver")).toMatchObject([
    {
      about: "outlook",
      severity: "warning",
      sentence: "Mail to Outlook.com waits: 240 messages, some for more than an hour.",
    },
  ]);
  const details = waitingFinding({ about: "outlook" }, bad)?.details;
  expect(findingDetailsSchema.parse(details)).toEqual(details);
  expect(details?.fix.measure).toEqual({ measure: "back-off", provider: "outlook" });
});
