import { randomUUID } from "node:crypto";
import type { DeliveryCount, ReplySample } from "@mailstead/core/delivery";
import type { ReportBatch } from "@mailstead/core/reports";
import type { VerdictCount } from "@mailstead/core/verdicts";
import type { TelemetryStream } from "@mailstead/core/wire";
import { telemetryStreams } from "@mailstead/db";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { getServerBlockLists } from "../block-lists/index.ts";
import { getDomainDelivery, getServerDelivery, keepDeliveryPartitions } from "../delivery/index.ts";
import { addDomain } from "../domains/index.ts";
import { listDeliveryFindings, recordDeliveryFindings } from "../findings/index.ts";
import { getDomainReports } from "../reports/index.ts";
import { getDay, getFleetReputation, judgeReputations } from "../reputation/index.ts";
import { getSenderRules, recordRuleFindings } from "../sender-rules/index.ts";
import { addServer } from "../servers/index.ts";
import { createTenant } from "../tenants/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import { forgetOldStreams, storeTelemetry } from "./index.ts";

/** A host whose agent is somebody else's by now. It has the identity of one server of `t.tenantId`, and says what it likes. */
let shared: TestDatabase;
let t: ServerTest;
/** A domain of another customer, on a server of its own. */
let theirs: { domainId: string; serverId: string; tenantId: string };

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  await keepDeliveryPartitions(t.system);
  const { tenantId } = await createTenant(t.owner, { name: "Neighbour" });
  const { serverId } = await addServer(t.owner, { tenantId, name: "mail2", hostname: "mail2.msp.example" });
  const { domainId } = await addDomain(t.owner, { tenantId, serverId, name: "their.example" });
  theirs = { domainId, serverId, tenantId };
  return () => t.close();
});
afterAll(() => shared.close());

const at = Date.parse("2026-11-20T11:30:00Z");
const count: DeliveryCount = {
  minute: at,
  direction: "outbound",
  domain: "their.example",
  sendingAddress: "203.0.113.7",
  provider: "gmail",
  status: "bounced",
  category: "dmarc-policy",
  attempts: 9000,
  firstAttempts: 9000,
  overTls: 0,
  sizeBytes: 900,
  latencies: {},
};
const sample: ReplySample = {
  at,
  domain: "their.example",
  provider: "gmail",
  relayName: "mx.example",
  category: "dmarc-policy",
  ruleId: null,
  reply: "550 5.7.26 made up by a neighbour",
};
const verdict: VerdictCount = {
  minute: at,
  direction: "outbound",
  domain: "their.example",
  provider: "gmail",
  action: "accepted",
  messages: 9000,
  facts: { bulk: 9000 },
  scores: {},
  symbols: {},
};
const beginS = Date.parse("2026-11-19T00:00:00Z") / 1000;
const reports: ReportBatch = {
  aggregates: [
    {
      reporter: "google.com",
      reportId: "1",
      part: 0,
      beginS,
      endS: beginS + 86_399,
      domain: "their.example",
      policy: "none",
      subdomainPolicy: null,
      percent: null,
      rows: [
        {
          sourceIp: "203.0.113.7",
          count: 9000,
          disposition: "none",
          isDkimAligned: false,
          isSpfAligned: false,
          headerFrom: "their.example",
          dkim: [],
          spf: null,
          reasons: [],
        },
      ],
    },
  ],
  tls: [
    {
      reporter: "google.com",
      reportId: "1",
      part: 0,
      beginS,
      endS: beginS + 86_399,
      domain: "their.example",
      policyType: "sts",
      successes: 0,
      failures: 9000,
      details: [],
    },
  ],
  feedback: [
    {
      kind: "complaint",
      type: "abuse",
      reporter: "yahoo.com",
      domains: ["their.example"],
      at,
      sourceIp: null,
      incidents: 9000,
      dkimDomain: null,
      dkimSelector: null,
      feedbackId: null,
      failure: null,
      results: {},
    },
  ],
  troubles: [],
};

const epoch = randomUUID();
const tell = (stream: TelemetryStream, batch: unknown, sequence = 1) =>
  tellAndRollUp(t, { serverId: t.serverId, stream, epoch, sequence, batch });
const work = () => ({ app: t.database.app, installation: t.installation });

describe("what a host tells of another customer's domain counts for neither", () => {
  beforeEach(async () => {
    for (const [stream, batch] of [
      ["delivery", { counts: [count], samples: [sample] }],
      ["verdicts", { counts: [verdict] }],
      ["reports", reports],
    ] as const)
      expect(await tell(stream, batch)).toEqual({ storedSequence: 1, problem: null });
  });

  test("deliveries and replies", async () => {
    const told = await getDomainDelivery(t.owner, { domainId: theirs.domainId });
    expect(JSON.stringify(told)).not.toMatch(/9000|neighbour/);
  });

  test("the rules of receivers", async () => {
    const { providers } = await getSenderRules(t.owner, { domainId: theirs.domainId });
    expect(JSON.stringify(providers)).not.toContain("9000");
    expect(await recordRuleFindings(t.system, work())).toEqual([]);
    expect(await listDeliveryFindings(t.owner, {})).toEqual([]);
  });

  test("findings", async () => {
    expect(await recordDeliveryFindings(t.system, work())).toEqual([]);
    const found = await listDeliveryFindings(t.owner, {});
    expect(found.filter(({ subject }) => subject.kind === "domain")).toEqual([]);
    expect(await listDeliveryFindings(t.as("auditor", theirs.tenantId), {})).toEqual([]);
  });

  test("reputation", async () => {
    const asked = { day: "2026-11-20", provider: "gmail", domainId: theirs.domainId } as const;
    expect(await getDay(t.owner, asked)).toMatchObject({ replies: [], samples: [] });
    await judgeReputations(t.system, work());
    expect(JSON.stringify(await getFleetReputation(t.as("auditor", theirs.tenantId), {}))).not.toContain(
      "9000",
    );
  });

  test("reports, of which is said that they came", async () => {
    const told = await getDomainReports(t.owner, { domainId: theirs.domainId });
    expect(JSON.stringify(told)).not.toContain("9000");
    const { rows } = await t.database.admin.pool.query(
      "select kind, why, mails::int from report_troubles where tenant_id = $1",
      [t.tenantId],
    );
    expect(rows).toEqual([
      { kind: "foreign", why: "the report is about a domain that this customer has not here", mails: 3 },
    ]);
  });
});

test("a report about another customer's domain below one of this customer's counts for neither", async () => {
  const { tenantId, serverId } = t;
  await addDomain(t.owner, { tenantId, serverId, name: "own.example" });
  await addDomain(t.owner, { ...theirs, name: "branch.own.example" });
  const about = (domain: string, reportId: string) =>
    reports.aggregates.map((one) => ({ ...one, domain, reportId }));
  const aggregates = [...about("branch.own.example", "1"), ...about("x.branch.own.example", "2")];
  await tell("reports", { ...reports, aggregates, tls: [], feedback: [] });
  await tell("reports", { ...reports, aggregates: about("x.own.example", "3"), tls: [], feedback: [] }, 2);
  const { rows } = await t.database.admin.pool.query("select domain, policy_domain from received_reports");
  expect(rows).toEqual([{ domain: "own.example", policy_domain: "x.own.example" }]);
});

describe("whatever a host claims, its stream goes on, and it is said what was not taken", () => {
  const [aggregate] = reports.aggregates;
  const answer = { list: "zen", subject: "192.0.2.1", answer: { kind: "clear" } };
  const delivery = (part: object) => ({ counts: [{ ...count, ...part }], samples: [] });
  test.each<[string, TelemetryStream, unknown]>([
    ["no object", "delivery", null],
    ["a text", "delivery", "x".repeat(100_000)],
    ["a list", "reports", []],
    ["negative counts", "delivery", delivery({ attempts: -5 })],
    ["more than any host sends in a minute", "delivery", delivery({ attempts: 1e13 })],
    ["bytes beyond what a number holds", "delivery", delivery({ sizeBytes: Number.MAX_SAFE_INTEGER })],
    ["a fraction", "delivery", delivery({ attempts: 1.5 })],
    ["a number as text", "delivery", delivery({ attempts: "5" })],
    ["an endless domain", "delivery", delivery({ domain: "a".repeat(10_000) })],
    ["an endless reply", "delivery", { counts: [], samples: [{ ...sample, reply: "x".repeat(10_000) }] }],
    ["too many rows", "delivery", { counts: Array.from({ length: 2000 }, () => count), samples: [] }],
    ["a date before 1970", "delivery", delivery({ minute: -60_000 })],
    ["negative verdicts", "verdicts", { counts: [{ ...verdict, messages: -1 }] }],
    [
      "a report of negative counts",
      "reports",
      { ...reports, aggregates: [{ ...aggregate, rows: [{ ...aggregate?.rows[0], count: -1 }] }] },
    ],
    [
      "a report of an absurd count",
      "reports",
      { ...reports, aggregates: [{ ...aggregate, rows: [{ ...aggregate?.rows[0], count: 1e15 }] }] },
    ],
    ["a round of wrong types", "block-lists", { at: "now", isLast: 1, answers: {} }],
    [
      "a listing without a code",
      "block-lists",
      { at, isLast: true, answers: [{ ...answer, answer: { kind: "listed", codes: [], text: null } }] },
    ],
    [
      "an account that is no address",
      "accounts",
      { at, accounts: [{ address: "x".repeat(5000), alert: null, hold: null }] },
    ],
  ])("%s is refused", async (_what, stream, batch) => {
    expect(await tell(stream, batch)).toEqual({
      storedSequence: 1,
      problem: expect.stringMatching(
        /^Batch 1 of the stream "[a-z-]+" has a shape that is not known here: .+\.$/,
      ),
    });
    expect(await tell("delivery", { counts: [], samples: [] }, 2)).toEqual({
      storedSequence: 2,
      problem: null,
    });
    // The server's page says it.
    expect(await getServerDelivery(t.owner, { serverId: t.serverId })).toMatchObject({
      providers: [],
      unreadBatches: 1,
    });
  });

  const year2100 = Date.parse("2100-01-01T00:00:00Z");
  const lastMoment = 8.64e15;
  test.each<[string, TelemetryStream, unknown]>([
    ["counts of 1970", "delivery", { counts: [{ ...count, minute: 0 }], samples: [{ ...sample, at: 0 }] }],
    [
      "counts of 2100",
      "delivery",
      { counts: [{ ...count, minute: year2100 }], samples: [{ ...sample, at: year2100 }] },
    ],
    [
      "counts of the last moment there is",
      "delivery",
      { counts: [{ ...count, minute: lastMoment }], samples: [{ ...sample, at: lastMoment }] },
    ],
    ["verdicts of the last moment there is", "verdicts", { counts: [{ ...verdict, minute: lastMoment }] }],
    [
      "a report of 2100",
      "reports",
      {
        ...reports,
        aggregates: [{ ...aggregate, beginS: year2100 / 1000, endS: year2100 / 1000 }],
        troubles: [{ kind: "unread", why: "w", at: lastMoment, count: 1 }],
      },
    ],
    [
      "a report whose times are beyond all",
      "reports",
      { ...reports, aggregates: [{ ...aggregate, beginS: 8.64e12, endS: 8.64e12 }] },
    ],
    [
      "a complaint of the last moment there is",
      "reports",
      { ...reports, feedback: [{ ...reports.feedback[0], at: lastMoment }] },
    ],
    ["a round of 2100", "block-lists", { at: year2100, isLast: true, answers: [answer] }],
    [
      "a round beyond all times",
      "block-lists",
      { at: Number.MAX_SAFE_INTEGER, isLast: true, answers: [answer] },
    ],
    [
      "a round of 1970",
      "block-lists",
      {
        at: 1,
        isLast: true,
        answers: [{ ...answer, answer: { kind: "listed", codes: ["127.0.0.2"], text: "\0\ud800" } }],
      },
    ],
    [
      "an account of all times",
      "accounts",
      {
        at,
        accounts: [
          {
            address: "a@their.example",
            alert: { since: Number.MAX_SAFE_INTEGER, certainty: "high", signs: [] },
            hold: { since: 1, by: "agent", messages: Number.MAX_SAFE_INTEGER },
          },
        ],
      },
    ],
    [
      "texts that no database stores",
      "delivery",
      { counts: [{ ...count, domain: "a\0.example" }], samples: [{ ...sample, reply: "\ud800\0" }] },
    ],
  ])("%s is taken without harm", async (_what, stream, batch) => {
    expect(await tell(stream, batch)).toMatchObject({ storedSequence: 1 });
    const { rows } = await t.database.admin.pool.query(
      `select count(*)::int as ahead from (
        select starts_at as at from delivery_days union all select said_at from reply_samples
        union all select starts_at from verdict_days union all select reported_at from feedback_reports
        union all select ends_at from received_reports union all select last_at from report_troubles
        union all select asked_at from block_list_entries union all select suspicious_since from account_alerts) told
        where at > $1`,
      [new Date(t.clock.now.getTime() + 3_600_000)],
    );
    expect(rows).toEqual([{ ahead: 0 }]);
    expect(await getServerBlockLists(t.owner, { serverId: t.serverId })).toBeDefined();
  });

  test("counts of a whole day of lies hold up nothing", async () => {
    const most = { ...count, domain: "a.example", attempts: 1e9, firstAttempts: 1e9, sizeBytes: 1e12 };
    const batch = { counts: Array.from({ length: 1500 }, () => most), samples: [] };
    for (let sequence = 1; sequence <= 3; sequence += 1)
      expect(await tell("delivery", batch, sequence)).toEqual({ storedSequence: sequence, problem: null });
  });
});

test("a host that begins a stream anew again and again leaves no more than a few beginnings", async () => {
  const count = async () =>
    (await t.database.admin.query.select().from(telemetryStreams)).filter(
      ({ serverId }) => serverId === t.serverId,
    ).length;
  for (let beginning = 0; beginning < 25; beginning += 1) {
    t.clock.now = new Date(t.clock.now.getTime() + 1000);
    await storeTelemetry(t.gateway, {
      serverId: t.serverId,
      stream: "delivery",
      epoch: randomUUID(),
      sequence: 1,
      batch: { counts: [], samples: [] },
    });
  }
  expect(await count()).toBe(25);
  await forgetOldStreams(t.system);
  expect(await count()).toBe(20);
});
