import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ProviderId, providers, type ReplyCategory, replyCategories } from "../delivery/index.ts";
import { runbookParts } from "../finding-kinds/index.ts";
import { shareBounds } from "../reputation/index.ts";
import { momentMark } from "../text/index.ts";
import { findingOfSight } from "./delivery-finding.ts";
import { type ConditionSubject, conditionKeyOf, scopeOf } from "./delivery-sight.ts";
import { type FleetCause, readFindingDetails } from "./finding-details.ts";
import { runbookFor } from "./fix-steps.ts";
import { findingOfFleet } from "./fleet-finding.ts";
import { isToldOf } from "./judge-sight.ts";

const at = Date.parse("2026-11-20T10:40:00Z");
const sight = {
  firstAt: at,
  lastAt: at + 600_000,
  lastDeliveredAt: null,
  share: shareBounds(12, 12),
  refused: 12,
};
const told = (subject: ConditionSubject, reply: string | null, mostlyOf: string | null = null) =>
  findingOfSight(subject, sight, { sender: "mail1", reply, mostlyOf });

test.each<[string, ConditionSubject, string | null, string | null]>([
  [
    "Outlook.com blocks 203.0.113.7 (S3140).",
    { category: "ip-reputation", provider: "outlook", scope: "address", about: "203.0.113.7" },
    "550 5.7.1 messages from [203.0.113.7] weren't sent (S3140).",
    null,
  ],
  [
    "Gmail slows down mail of mail1, nearly all of a.example (4.7.28).",
    { category: "rate-limit", provider: "gmail", scope: "server", about: "" },
    "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail. - gsmtp",
    "a.example",
  ],
  [
    "Yahoo blocks 203.0.113.7 (TSS04).",
    { category: "ip-reputation", provider: "yahoo", scope: "address", about: "203.0.113.7" },
    "421 4.7.0 [TSS04] Messages from 203.0.113.7 temporarily deferred",
    null,
  ],
  [
    "Gmail refuses mail of a.example for failed authentication.",
    { category: "auth-spf", provider: "gmail", scope: "domain", about: "a.example" },
    null,
    null,
  ],
])("%s", (sentence, subject, reply, mostlyOf) => {
  expect(told(subject, reply, mostlyOf).sentence).toBe(sentence);
});

test.each<[string, ConditionSubject["provider"], string, string]>([
  [
    "us-configuration",
    "t-online",
    "554 IP=203.0.113.7 - None/bad reputation. Contact address for reset. (NOWL)",
    "NOWL",
  ],
  ["server-provider", "t-online", "554 IP=203.0.113.7 - Dialup/transient IP not allowed. (DIAL)", "DIAL"],
  ["us-behaviour", "t-online", "554 IP=203.0.113.7 - A problem occurred. (Ask your postmaster) (BL)", "BL"],
  [
    "us-behaviour",
    "gmx",
    "554 IP address is block listed. https://postmaster.gmx.net/en/case?c=r0303&i=ip",
    "r0303",
  ],
  ["us-behaviour", "outlook", "451 4.3.0 This reply is of another kind", "4.3.0"],
])("%s has to act where the reply of %s says so: %s", (owner, provider, reply, code) => {
  const finding = told(
    { category: "ip-reputation", provider, scope: "address", about: "203.0.113.7" },
    reply,
  );
  expect(finding.details.owner).toBe(owner);
  expect(finding.sentence).toContain(`(${code})`);
});

test("a finding shows its figures with their bounds, when it began, and when mail last arrived", () => {
  const { details } = told({ category: "rate-limit", provider: "gmail", scope: "server", about: "" }, null);
  expect(details.evidence).toEqual([
    "12 of 12 attempts in six hours ended so; the true share is 75.8 % to 100 %",
    `first ${momentMark(at)}, last ${momentMark(at + 600_000)}`,
    "nothing was delivered there in this time",
  ]);
  expect(details.fix.measure).toEqual({ measure: "back-off", provider: "gmail" });
  expect(details.runbook).toBe("gmail.md#rate-limit");
});

test("every kind of reply that is told has steps, a runbook, and details that are read back as they were stored", () => {
  for (const category of Object.keys(replyCategories) as ReplyCategory[]) {
    if (!isToldOf(category)) continue;
    for (const provider of ["gmail", "yahoo", null] as const) {
      const { details } = told({ category, provider, scope: scopeOf(category), about: "" }, null);
      expect(details.fix.steps.length).toBeGreaterThan(0);
      expect(readFindingDetails(JSON.parse(JSON.stringify(details)))).toEqual(details);
    }
  }
});

test("its key says what it is about, and never how much", () => {
  expect(conditionKeyOf({ category: "rate-limit", provider: null, about: "" })).toBe(
    "delivery-rate-limit others",
  );
});

test("an event of the fleet says how many, since when, and whose doing it is", () => {
  const { sentence, details } = findingOfFleet(
    { category: "ip-reputation", provider: "outlook" },
    { serverIds: ["a", "b", "c"], beganAt: at, cause: "their-change", activeServers: 4 },
    { reply: null, serverNames: ["a", "b", "c"], isRefused: true },
  );
  expect(sentence).toBe("Outlook.com began to refuse 3 servers at 10:40 UTC on 20 November 2026.");
  expect(details.owner).toBe("them");
});

test("an event that is the receiver's doing offers no measure, since nothing on the servers is to be changed", () => {
  const measureOf = (cause: FleetCause) =>
    findingOfFleet(
      { category: "ip-reputation", provider: "yahoo" },
      { serverIds: ["a", "b", "c"], beganAt: at, cause, activeServers: 4 },
      { reply: null, serverNames: ["a", "b", "c"], isRefused: false },
    ).details.fix.measure;
  expect(measureOf("their-change")).toBeNull();
  expect(measureOf("our-customer")).not.toBeNull();
});

test("who is refused in the greeting is blocked, though the mail waits", () => {
  const deferred = { ...sight, refused: 0 };
  const subject: ConditionSubject = {
    category: "ip-reputation",
    provider: "t-online",
    scope: "address",
    about: "203.0.113.7",
  };
  const sentence = (reply: string) =>
    findingOfSight(subject, deferred, { sender: "mail1", reply, mostlyOf: null }).sentence;
  expect(sentence("554 IP=203.0.113.7 - None/bad reputation. (NOWL)")).toContain("blocks 203.0.113.7");
  expect(sentence("451 4.7.650 temporarily rate limited due to IP reputation")).toContain(
    "defers 203.0.113.7",
  );
});

test("an event that nobody can be blamed for has the steps that help one of its servers", () => {
  const { details } = findingOfFleet(
    { category: "ip-reputation", provider: "outlook" },
    { serverIds: ["a", "b"], beganAt: at, cause: "unknown", activeServers: 2 },
    { reply: null, serverNames: ["a", "b"], isRefused: true },
  );
  expect(details.fix.steps.join(" ")).toContain("olcsupport.office.com");
  expect(details.why).toContain("every server that writes there");
});

test("each leads to a part of a runbook that is there", () => {
  const anchorsOf = (page: string) =>
    runbookParts(readFileSync(join(import.meta.dirname, "../../../../docs/runbooks", page), "utf8")).flatMap(
      ({ anchors }) => anchors,
    );
  const pages = new Map<string, readonly string[]>();
  const told = (Object.keys(replyCategories) as ReplyCategory[]).filter(isToldOf);
  for (const provider of [...(Object.keys(providers) as ProviderId[]), null])
    for (const category of told) {
      const [page = "", part] = runbookFor(category, provider).split("#");
      if (!pages.has(page)) pages.set(page, anchorsOf(page));
      expect(pages.get(page), page).toContain(part);
    }
});
