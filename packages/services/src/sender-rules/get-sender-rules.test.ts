import { randomUUID } from "node:crypto";
import { judgeRecord } from "@mailstead/core/dns";
import type { SenderRule } from "@mailstead/core/sender-rules";
import { feedbackReports, newId } from "@mailstead/db";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { recordServerCheck, type ServerCheckReport } from "../checks/index.ts";
import { keepDeliveryPartitions } from "../delivery/index.ts";
import { addDomain, getDomain, recordDomainCheck } from "../domains/index.ts";
import { recordObserved } from "../servers/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import { getSenderRules } from "./index.ts";
import { seen, sent } from "./sample-counts.testing.ts";

let shared: TestDatabase;
let t: ServerTest;
let domainId: string;
const { minute: at } = sent;

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  await keepDeliveryPartitions(t.system);
  ({ domainId } = await addDomain(t.owner, {
    tenantId: t.tenantId,
    serverId: t.serverId,
    name: "a.example",
  }));
  return () => t.close();
});
afterAll(() => shared.close());

const tell = (stream: "delivery" | "verdicts", batch: object) =>
  tellAndRollUp(t, { serverId: t.serverId, stream, epoch: randomUUID(), sequence: 1, batch });

async function ruleOf(rule: SenderRule, provider = "gmail") {
  const { providers } = await getSenderRules(t.owner, { domainId });
  return providers.find((one) => one.provider === provider)?.rules.find((one) => one.rule === rule);
}

test("a domain that nobody has measured is judged by nothing", async () => {
  const { providers } = await getSenderRules(t.owner, { domainId });
  // Its name alone says that it is not Gmail's.
  const measured = providers.flatMap(({ rules }) => rules.filter(({ rule }) => rule !== "own-from"));
  const states = new Set(measured.map(({ state }) => state));
  expect([...states].sort()).toEqual(["does-not-apply", "not-enough-data"]);
  expect(providers.every(({ peak }) => peak === null)).toBe(true);
});

test("what was delivered and what Rspamd saw makes a bulk sender, and says which rule it does not keep", async () => {
  await tell("delivery", { counts: [sent, { ...sent, domain: "b.example" }], samples: [] });
  await tell("verdicts", { counts: [seen, { ...seen, provider: "yahoo", messages: 1 }] });
  const { providers } = await getSenderRules(t.owner, { domainId });
  expect(providers[0]).toMatchObject({
    provider: "gmail",
    isBulk: true,
    peak: { messages: 6000, day: Date.parse("2026-11-19T00:00:00Z") },
  });
  expect(await ruleOf("alignment")).toMatchObject({ state: "met", measured: { count: 6000, of: 6000 } });
  expect(await ruleOf("tls")).toMatchObject({ state: "met", measured: { count: 6000, of: 6000 } });
  expect(await ruleOf("one-click")).toMatchObject({ state: "not-met", measured: { count: 20, of: 500 } });
  expect(await ruleOf("complaints")).toMatchObject({
    state: "not-enough-data",
    measured: { kind: "unmeasured", why: "no-feed" },
  });
});

test("mail of the domains below counts at Gmail and not at Outlook.com, and so does a day long ago", async () => {
  const below = { ...sent, domain: "news.a.example", minute: at - 200 * 86_400_000 };
  await tell("delivery", { counts: [below, { ...below, provider: "outlook" }], samples: [] });
  const { providers } = await getSenderRules(t.owner, { domainId });
  expect(providers.map(({ provider, isBulk }) => [provider, isBulk])).toEqual([
    ["gmail", true],
    ["yahoo", false],
    ["outlook", false],
    ["apple", false],
  ]);
});

test("records and names are judged by the last check of the domain and of the server that sends", async () => {
  await recordObserved(t.system, {
    serverId: t.serverId,
    report: {
      targetRevision: 1,
      drift: [],
      dkimPublicKeys: [],
      directory: { epoch: 1, revision: 1 },
    },
  });
  const { records } = await getDomain(t.owner, { domainId });
  await recordDomainCheck(t.owner, {
    domainId,
    report: {
      kind: "checked",
      records: records.map(({ verdict: _, zoneFileLine: __, ...record }) => ({
        record,
        verdict: judgeRecord(record, [
          {
            nameServer: "ns.dns.example",
            address: "192.0.2.53",
            kind: "answered",
            values: record.purpose === "dmarc" ? [] : [record.value],
          },
        ]),
      })),
    },
  });
  const finding = {
    kind: "ptr-missing",
    about: "192.0.2.1",
    severity: "error" as const,
    sentence: "The address 192.0.2.1 leads back to no name.",
    evidence: [],
    why: "",
    fix: "",
  };
  const report = (findings: object[]) =>
    ({
      facts: { addresses: [], tls: [], listings: [], routes: [], page: null },
      findings,
    }) as unknown as ServerCheckReport;
  await recordServerCheck(t.owner, { serverId: t.serverId, report: report([finding]) });
  await tell("delivery", { counts: [sent], samples: [] });
  expect(await ruleOf("reverse-name")).toEqual({
    rule: "reverse-name",
    scope: "everyone",
    state: "not-met",
    measured: { kind: "host-problem", serverId: t.serverId, sentence: finding.sentence },
  });
  expect(await ruleOf("dmarc")).toMatchObject({
    state: "not-met",
    measured: { kind: "record", isRight: false },
  });
});

test("complaints that a receiver passed on count against what it took, and none is no measure", async () => {
  const yahoo = { ...sent, provider: "yahoo" as const, attempts: 20_000, firstAttempts: 20_000 };
  await tell("delivery", { counts: [yahoo], samples: [] });
  expect(await ruleOf("complaints", "yahoo")).toMatchObject({ measured: { why: "no-feed" } });
  const owner = { organisationId: t.organisationId, tenantId: t.tenantId };
  await t.database.admin.query.insert(feedbackReports).values({
    ...owner,
    id: newId(),
    serverId: t.serverId,
    kind: "complaint",
    type: "abuse",
    domain: "a.example",
    provider: "yahoo",
    reporter: "yahoo.com",
    reportedAt: new Date(at),
    incidents: 100,
    results: {},
  });
  expect(await ruleOf("complaints", "yahoo")).toMatchObject({
    state: "not-met",
    measured: { kind: "share", count: 100, of: 20_000 },
  });
});

test("a stranger finds nothing", async () => {
  const stranger = await t.makeStranger();
  await expect(getSenderRules(stranger, { domainId })).rejects.toMatchObject({ kind: "not-found" });
});
