import { expect, test } from "vitest";
import type { ReportSource } from "./report-sources.ts";
import { adviseOnSource, type SourceAdvice } from "./source-advice.ts";

const unknown = {
  origin: { kind: "unknown" },
  messages: 100,
  passed: 0,
  quarantined: 0,
  rejected: 0,
  provenDomains: [],
} as const;

test.each<[string, Partial<ReportSource>, SourceAdvice]>([
  ["a stranger whom receivers refuse", { quarantined: 40, rejected: 60 }, "forged"],
  ["a stranger whom one receiver makes an exception for", { quarantined: 90 }, "forged"],
  ["a stranger whom receivers take", { quarantined: 40 }, "let-in"],
  ["a stranger who proves a name of its own", { provenDomains: ["news.example"] }, "own-name"],
  ["a stranger whose mail proves the domain", { passed: 90, provenDomains: ["a.example"] }, "passes"],
  ["one letter that a list passed on", { messages: 1, passed: 1, provenDomains: ["l.example"] }, "own-name"],
  ["a service", { origin: { kind: "service", service: "mailgun", isExpected: false } }, "service"],
  [
    "a service that proves the domain",
    { passed: 100, origin: { kind: "service", service: "mailgun", isExpected: true } },
    "fine",
  ],
  ["our own server", { origin: { kind: "ours", via: "server", name: "mx1" } }, "ours"],
  ["who passes our mail on", { origin: { kind: "ours", via: "passed-on", name: null } }, "fine"],
])("says what %s asks of the domain's owner", (_who, values, advice) => {
  expect(adviseOnSource({ ...unknown, ...values })).toBe(advice);
});
