import { readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeAccounts } from "@mailstead/core/accounts";
import { judgeEntries } from "@mailstead/core/block-lists";
import { findingsOfCertificate } from "@mailstead/core/certificates";
import {
  conditionFindingPrefix,
  type SeenFinding,
  seenFindingOf,
  smarthostFinding,
  waitingFinding,
  waitingFindingPrefix,
} from "@mailstead/core/checks";
import { type ProviderId, providers, type ReplyCategory, replyCategories } from "@mailstead/core/delivery";
import {
  addressBlocked,
  addressContested,
  complaintsTooHigh,
  domainNotVerified,
  judgeFeed,
} from "@mailstead/core/feeds";
import {
  actionOf,
  checkedKinds,
  detailsOf,
  isShownRunbook,
  keptKinds,
  pageOf,
  type RunbookPart,
  recheckOf,
  runbookParts,
  shownRunbook,
} from "@mailstead/core/finding-kinds";
import {
  conditionKeyOf,
  type FindingDetails,
  findingDetailsSchema,
  findingOfFleet,
  findingOfReputation,
  findingOfSight,
  findingOwners,
  fixPages,
  fleetCauses,
  fleetKeyOf,
  isToldOf,
  reputationKeyOf,
  scopeOf,
} from "@mailstead/core/findings";
import { measureFindings } from "@mailstead/core/measures";
import { judgeReports } from "@mailstead/core/reports";
import { shareBounds } from "@mailstead/core/reputation";
import { findingsOfRules, senderRules } from "@mailstead/core/sender-rules";
import { hostConditionCodes } from "@mailstead/core/servers";
import { findingOfOwnSpam, ownSpamKeyOf } from "@mailstead/core/verdicts";
import { findZoneProblems, planDelegation } from "@mailstead/core/zones";
import { expect, test } from "vitest";
import { testFacts } from "../testing/test-facts.ts";

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
  for (const cause of fleetCauses) {
    const about = { category: "ip-reputation", provider: "yahoo" } as const;
    const event = { serverIds: ["1", "2"], beganAt: at, cause, activeServers: 3 };
    const words = { reply: null, serverNames: ["mail1", "mail2"], isRefused: true };
    yield { key: fleetKeyOf(about.category, about.provider), ...findingOfFleet(about, event, words) };
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

/** Findings of what Mailstead keeps itself, each as the code that opens it writes it. */
function* keptFindings(): Generator<Omit<SeenFinding, "severity">> {
  const day = (days: number) => new Date(at + days * 86_400_000);
  const measure = { kind: "throttle", provider: "outlook", startedAt: day(-3), endsAt: day(1) } as const;
  yield* measureFindings([
    { ...measure, isAutomatic: false, isProlonged: true },
    { ...measure, kind: "relay", isAutomatic: true, isProlonged: false },
  ]);
  yield smarthostFinding({
    serverName: "mail1",
    concerns: "receivers",
    problem: "smtp.relay.example:587 refuses the user name and password: 535 5.7.8 wrong.",
    requestedBy: "Ann",
    requestedAt: day(-1),
  });
  for (const days of [-1, 5, 12])
    yield* findingsOfCertificate(
      { notBefore: day(-80), notAfter: day(days), problem: null },
      { title: "a.example", serverName: "mail1", problem: "The authority cannot be reached." },
      new Date(at),
    );
  const problem = { kind: "permanent", attempts: 9 } as const;
  yield* findingsOfCertificate(
    { notBefore: null, notAfter: null, problem },
    { title: "b.example", serverName: "mail1", problem: "It refuses." },
    new Date(at),
  );
  const feed = { label: "SNDS", since: day(-300), linkedAt: day(-29), confirmedAt: day(-300) };
  const failing = { kind: "permanent", sentence: "Refused.", since: day(-2) } as const;
  yield* judgeFeed({ ...feed, kind: "snds", newestDay: null, problem: failing }, new Date(at));
  yield* judgeFeed({ ...feed, kind: "snds", newestDay: "2026-10-01", problem: null }, new Date(at));
  yield domainNotVerified({ domain: "a.example", label: "Google", sentence: "Publish TXT." });
  yield addressBlocked({ address: "203.0.113.9", reason: "spam" });
  yield addressContested("203.0.113.9");
  const told = { kind: "google-postmaster", subject: "a.example", day: "2026-11-18", lower: 0.004 } as const;
  const complaints = complaintsTooHigh(told);
  if (complaints !== null) yield complaints;
  const about = { address: "anna@a.example" };
  const alert = {
    since: day(0),
    certainty: "high",
    signs: [{ kind: "volume", measured: 400, of: 12 }],
  } as const;
  const hold = { since: day(0), by: "agent", messages: 41 } as const;
  for (const account of [
    { ...about, alert, hold: null },
    { ...about, alert, hold },
  ])
    yield* judgeAccounts([account]).map(seenFindingOf);
  const entry = {
    since: at,
    seenAt: at,
    askedAt: at,
    codes: ["127.0.0.2"],
    text: "spam",
    problem: "no answer",
  };
  const listed = [
    { ...entry, state: "listed", list: "zen", subject: "203.0.113.9" },
    { ...entry, state: "listed", list: "dbl", subject: "a.example", codes: ["127.0.1.2"] },
  ] as const;
  yield* judgeEntries(listed, at).map(seenFindingOf);
  yield* zoneFindings();
  const tls = {
    sessions: 200,
    failures: [
      {
        type: "certificate-expired",
        sessions: 20,
        hosts: ["mx.a.example"],
        reporters: ["google.com"],
        reasons: [],
      },
    ],
  };
  const reported = {
    domain: "a.example",
    days: 7,
    policy: "none",
    messages: 0,
    sources: [],
    settled: [],
    tls,
  };
  yield* judgeReports(reported).map(seenFindingOf);
}

/** A zone of which the world shows nothing yet, and one above which something else stands. */
function* zoneFindings() {
  const signer = { keyTag: 48918, algorithm: 13, digestType: 2, digest: "4BE1".repeat(16) };
  const nameServers = [
    { name: "ns1.a.example", addresses: ["198.51.100.11"] },
    { name: "ns2.fleet.example", addresses: ["198.51.100.12"] },
  ];
  const servers = nameServers.map(({ name, addresses }, serial) => ({
    nameServer: name,
    address: addresses[0] ?? "",
    serial,
    problem: null,
  }));
  const silent = servers.map((one) => ({ ...one, serial: null, problem: "it does not answer" }));
  const differing = { servers, serialsDifferSince: "2026-11-01T00:00:00Z" };
  const nothing = { nameServers: [], glue: [], signers: [], saidBy: null, servers: silent };
  const foreign = { ...signer, keyTag: 1 };
  const asked = nameServers.map(({ name }) => name);
  for (const seen of [
    nothing,
    { ...nothing, nameServers: asked },
    { ...nothing, ...differing, nameServers: asked, signers: [foreign] },
    { ...nothing, signers: [foreign] },
  ])
    for (const signers of [[signer], []])
      yield* findZoneProblems("a.example", {
        wanted: planDelegation({ zone: "a.example", nameServers, signers }),
        seen,
        now: new Date(at),
      });
}

const everyDetails = () => {
  const sentence = "Something is not right.";
  const told = { evidence: ["somebody said so"], why: "It harms mail.", fix: "Do this. Then that." };
  const hosts: readonly string[] = hostConditionCodes;
  return [
    ...[...everyKind()].map(({ key, sentence: own, details }) => ({ key, sentence: own, details })),
    ...[...keptFindings()].map((one) => ({ ...one, details: detailsOf(one) })),
    ...Object.keys(checkedKinds).map((kind) => {
      const key = `${hosts.includes(kind) ? conditionFindingPrefix : ""}${kind} a.example`;
      return { key, sentence, details: detailsOf({ key, sentence, told }) };
    }),
    // Kept by an earlier version, which stored none of it.
    ...Object.keys(keptKinds).map((kind) => {
      const key = `${kind} a.example`;
      return { key, sentence, details: detailsOf({ key, sentence }) };
    }),
  ];
};

test("every kind of finding has evidence, an owner, steps, a page where it is mended, and its part of a runbook that is shown", () => {
  const pages = new Map<string, readonly RunbookPart[]>();
  for (const { key, sentence, details } of everyDetails()) {
    expect(sentence, key).toMatch(/\.$/);
    expect(findingDetailsSchema.safeParse(details).success, key).toBe(true);
    if (details === undefined) continue;
    expect(details.evidence.length, key).toBeGreaterThan(0);
    expect(details.evidence, key).not.toContain(sentence);
    // A bare name says nothing of what was seen there.
    for (const line of details.evidence) expect(line, key).toMatch(/\S\s+\S/);
    expect(details.fix.steps.length, key).toBeGreaterThan(0);
    expect(findingOwners, key).toContain(details.owner);
    expect(fixPages, key).toContain(pageOf(key, details));
    const [file = "", part = ""] = details.runbook.split("#");
    expect(isShownRunbook(file.replace(/\.md$/, "")), `${key}: ${file}`).toBe(true);
    if (!pages.has(file)) pages.set(file, runbookParts(shownRunbook(readRunbook(file))));
    const own = pages.get(file)?.find(({ anchors }) => anchors.includes(part));
    expect(own, `${key}: ${details.runbook}`).toBeDefined();
    // What somebody who was woken at night needs, in this order.
    expect(own?.text, details.runbook).toMatch(
      /\*\*Means\.\*\* \S[\s\S]*\*\*See it\.\*\* \S[\s\S]*\*\*Press\.\*\* \S[\s\S]*\*\*Over\.\*\* \S/,
    );
  }
  expect(pages.get("receivers.md")?.map(({ heading }) => heading)).toContain("Many servers at once");
  expect(pageOf("rules-dmarc", null)).toBe("records");
  expect(pageOf("rules-key-size", null)).toBe("keys");
  expect(pageOf(`${waitingFindingPrefix}gmail`, null)).toBe("queue");
});

test("no finding shows a time as programs write it, or a name that only the code knows", () => {
  for (const { key, sentence, details } of everyDetails())
    for (const text of [
      sentence,
      details?.why,
      ...(details?.evidence ?? []),
      ...(details?.fix.steps ?? []),
    ]) {
      expect(text, key).not.toMatch(/\d{4}-\d\d-\d\d/);
      expect(text, key).not.toMatch(/"back-off"|"throttle"|prefer-ipv4|\bzen\b|\bdbl\b|undefined|\[object/);
    }
});

test("every kind that is kept is one that its page can do something about or leads on from", () => {
  expect(actionOf("account-held anna@a.example")).toEqual({
    kind: "release-account",
    address: "anna@a.example",
  });
  expect(actionOf("account-suspicious anna@a.example")).toMatchObject({ kind: "hold-account" });
  expect(actionOf("measure-fallback outlook")).toEqual({ kind: "end-measure" });
  expect(actionOf("condition-service-down postfix@-.service")).toEqual({
    kind: "restart",
    unit: "postfix@-.service",
  });
  expect(actionOf("held-certificate-ends a.example on mail1")).toEqual({ kind: "get-certificate" });
  expect(actionOf("ptr-missing 203.0.113.9")).toEqual({ kind: "look-again" });
  expect(actionOf("block-list-seen-address 203.0.113.9 zen")).toBeNull();
});

test("a held account is over when a person releases it, a suspicious one after a quiet day, others by their topic", () => {
  expect(recheckOf("account-held anna@a.example")).toBe("account-held");
  expect(recheckOf("account-suspicious anna@a.example")).toBe("account-suspicious");
  expect(recheckOf("condition-service-down postfix@-.service")).toBe("host");
});

function readRunbook(file: string): string {
  return readFileSync(join(import.meta.dirname, "../../../../docs/runbooks", file), "utf8");
}
