import { readFileSync } from "node:fs";
import { join } from "node:path";
import { waitingFinding, waitingFindingPrefix } from "@mailstead/core/checks";
import { type ProviderId, providers, type ReplyCategory, replyCategories } from "@mailstead/core/delivery";
import {
  conditionKeyOf,
  type FindingDetails,
  findingDetailsSchema,
  findingOfReputation,
  findingOfSight,
  fixPages,
  isToldOf,
  reputationKeyOf,
  scopeOf,
} from "@mailstead/core/findings";
import { shareBounds } from "@mailstead/core/reputation";
import { findingsOfRules, senderRules } from "@mailstead/core/sender-rules";
import { findingOfOwnSpam, ownSpamKeyOf } from "@mailstead/core/verdicts";
import { expect, test } from "vitest";
import { testFacts } from "../testing/test-facts.ts";
import { pageOf } from "./list-delivery-findings.ts";

const at = Date.parse("2026-11-20T10:00:00Z");
const share = shareBounds(40, 60);

interface Kind {
  key: string;
  sentence: string;
  details: FindingDetails | undefined;
}

/** One of every kind that has a page of its own, made by the lists that name the kinds. */
function* everyKind(): Generator<Kind> {
  for (const category of (Object.keys(replyCategories) as ReplyCategory[]).filter(isToldOf))
    for (const provider of [...(Object.keys(providers) as ProviderId[]), null]) {
      const subject = { category, provider, scope: scopeOf(category), about: "" };
      const sight = { share, refused: 3, firstAt: at, lastAt: at, lastDeliveredAt: null };
      const words = { sender: "mail1", reply: null, mostlyOf: null };
      yield { key: conditionKeyOf(subject), ...findingOfSight(subject, sight, words) };
    }
  for (const provider of Object.keys(providers) as ProviderId[]) {
    const evidence = [{ code: "throttled", holds: "LOW", share, at, about: null, senders: null }] as const;
    const verdict = { reputation: "LOW", evidence, messages: 60, missing: 0 } as const;
    const fallen = findingOfReputation(provider, verdict, { sender: "mail1", isOpen: true });
    yield { key: reputationKeyOf(provider), sentence: "", details: undefined, ...fallen };
    const waiting = { provider, messages: 9, lateMessages: 9, oldestAtUnixMs: at };
    const told = waitingFinding({ about: provider }, testFacts({ queueWaiting: [waiting] }));
    yield { key: `${waitingFindingPrefix}${provider}`, sentence: "", details: undefined, ...told };
  }
  for (const rule of senderRules) {
    const measured = { kind: "share", count: 40, of: 6000 } as const;
    const rules = [{ rule, scope: "bulk", state: "not-met", measured }] as const;
    const peak = { messages: 6000, day: at };
    const { found } = findingsOfRules("a.example", [{ provider: "gmail", isBulk: true, peak, rules }]);
    yield found[0] ?? { key: `rules-${rule}`, sentence: "", details: undefined };
  }
  yield {
    key: ownSpamKeyOf("a.example"),
    ...findingOfOwnSpam(
      { share, limit: 0.05, usual: null },
      { domain: "a.example", server: "mail1", verdicts: [] },
    ),
  };
}

test("every kind of finding with a page has evidence, an owner, steps, a page where it is mended, and its part of a runbook", () => {
  const kinds = [...everyKind()];
  const titles = new Map<string, readonly string[]>();
  for (const { key, sentence, details } of kinds) {
    expect(sentence, key).toMatch(/\.$/);
    expect(findingDetailsSchema.safeParse(details).success, key).toBe(true);
    if (details === undefined) continue;
    expect(details.evidence.length, key).toBeGreaterThan(0);
    expect(details.fix.steps.length, key).toBeGreaterThan(0);
    expect(fixPages, key).toContain(pageOf(key, details));
    const [page = "", part = ""] = details.runbook.split("#");
    if (!titles.has(page)) titles.set(page, partsOf(page));
    expect(titles.get(page), `${key}: ${details.runbook}`).toContain(part);
  }
  expect(pageOf("rules-dmarc", null)).toBe("records");
  expect(pageOf("rules-key-size", null)).toBe("keys");
  expect(pageOf(`${waitingFindingPrefix}gmail`, null)).toBe("queue");
});

/** The parts of a runbook as links name them. */
function partsOf(page: string): string[] {
  const text = readFileSync(join(import.meta.dirname, "../../../../docs/runbooks", page), "utf8");
  return text
    .split("\n")
    .flatMap((line) => (line.startsWith("## ") ? [line.slice(3).toLowerCase().replaceAll(" ", "-")] : []));
}
