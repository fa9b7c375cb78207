import { randomUUID } from "node:crypto";
import type { DeliveryCount } from "@mailstead/core/delivery";
import type { ComplianceRow, FeedDay, SndsFigures } from "@mailstead/core/feeds";
import type { ReportBatch, ToldAggregate, ToldFeedback, ToldRow } from "@mailstead/core/reports";
import { feedConnections, feedDomains, newId } from "@mailstead/db";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { withTransaction } from "../context/index.ts";
import { getDomainDelivery, getServerDelivery, keepDeliveryPartitions } from "../delivery/index.ts";
import { addDomain } from "../domains/index.ts";
import { storeFeedDays } from "../feeds/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import { getDomainReputation, getServerReputation, judgeReputations } from "./index.ts";

const dayMs = 86_400_000;
const address = "192.0.2.1";
let shared: TestDatabase;
let t: ServerTest;
let domainId: string;

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  await keepDeliveryPartitions(t.system);
  await t.database.admin.pool.query("update servers set facts = $1 where id = $2", [
    { ipAddresses: [address] },
    t.serverId,
  ]);
  ({ domainId } = await addDomain(t.owner, {
    tenantId: t.tenantId,
    serverId: t.serverId,
    name: "a.example",
  }));
  return () => t.close();
});
afterAll(() => shared.close());

const ago = (days: number) => new Date(t.clock.now.getTime() - days * dayMs);
const dayText = (days: number) => ago(days).toISOString().slice(0, 10);
const week = [6, 5, 4, 3, 2, 1, 0];
const tell = (stream: "delivery" | "reports", batch: object) =>
  tellAndRollUp(t, { serverId: t.serverId, stream, epoch: randomUUID(), sequence: 1, batch });
const sent = (provider: DeliveryCount["provider"], daysAgo: number, messages: number): DeliveryCount => ({
  minute: Math.floor(ago(daysAgo).getTime() / 60_000) * 60_000,
  direction: "outbound",
  domain: "a.example",
  sendingAddress: address,
  provider,
  status: "sent",
  category: null,
  attempts: messages,
  firstAttempts: messages,
  overTls: messages,
  sizeBytes: 900,
  latencies: {},
});
const deliver = (provider: DeliveryCount["provider"], messagesADay: number) =>
  tell("delivery", { counts: week.map((day) => sent(provider, day, messagesADay)), samples: [] });
const report = (parts: Partial<ReportBatch>) =>
  tell("reports", { aggregates: [], tls: [], feedback: [], troubles: [], ...parts });
const complain = (incidents: number) =>
  report({
    feedback: [
      {
        kind: "complaint",
        type: "abuse",
        reporter: "arf.mail.yahoo.com",
        domains: ["a.example"],
        at: ago(1).getTime(),
        sourceIp: address,
        incidents,
        dkimDomain: "a.example",
        dkimSelector: "ms1",
        feedbackId: null,
        failure: null,
        results: {},
      } satisfies ToldFeedback,
    ],
  });
const judged = async () => {
  expect(
    await judgeReputations(t.system, { app: t.database.app, installation: t.owner.installation }),
  ).toEqual([]);
  const ofDomain = await getDomainReputation(t.owner, { domainId });
  const ofServer = await getServerReputation(t.owner, { serverId: t.serverId });
  return { domain: ofDomain.standings, server: ofServer.standings };
};

/** Days as a feed told them. */
async function feed(
  kind: "google-postmaster" | "snds" | "yahoo",
  days: readonly Omit<FeedDay, "subject">[],
): Promise<string> {
  const { organisationId, tenantId, serverId } = t;
  const connectionId = newId();
  await t.database.admin.query.insert(feedConnections).values({
    id: connectionId,
    organisationId,
    kind,
    label: kind,
    account: "somebody",
    state: "working",
    createdAt: ago(30),
  });
  const owner =
    kind === "snds" ? { tenantId, serverId, domainId: null } : { tenantId, serverId: null, domainId };
  await withTransaction(t.owner, (tx) =>
    storeFeedDays(tx, {
      organisationId,
      connectionId,
      at: t.clock.now,
      days: days.map((day) => ({ day: { ...day, subject: kind === "snds" ? address : "a.example" }, owner })),
    }),
  );
  return connectionId;
}
const google = (daysAgo: number, share: number) => ({
  day: dayText(daysAgo),
  messages: null,
  complaints: { lower: share, upper: share },
  figures: {
    kind: "google-postmaster" as const,
    spf: 1,
    dkim: 1,
    dmarc: 1,
    tlsInbound: 1,
    tlsOutbound: 1,
    errors: [],
    loops: [],
  },
});
const snds = (daysAgo: number, verdict: SndsFigures["verdict"], upper = 0.001) => ({
  day: dayText(daysAgo),
  messages: 500,
  complaints: { lower: upper === 0.001 ? 0 : upper, upper },
  figures: {
    kind: "snds" as const,
    verdict,
    trapHits: 0,
    rcptCommands: 500,
    dataCommands: 500,
    comments: "",
    others: {},
  },
});

test("complaints that a receiver passed on count against all that it took in the week, days without one too", async () => {
  await deliver("yahoo", 2000);
  await deliver("gmail", 2000);
  await complain(70);
  const complaints = {
    code: "complaints-high",
    about: "feedback-loop",
    share: { count: 70, of: 14_000 },
  };
  const { domain, server } = await judged();
  for (const standings of [domain, server])
    expect(standings.find(({ provider }) => provider === "yahoo")).toMatchObject({
      reputation: "LOW",
      evidence: [complaints],
    });
  expect(domain.find(({ provider }) => provider === "gmail")).toMatchObject({ reputation: "HIGH" });
  const { providers } = await getServerDelivery(t.owner, { serverId: t.serverId });
  expect(providers.find(({ provider }) => provider === "yahoo")).toMatchObject({
    reputation: "LOW",
    evidence: [complaints],
  });
});

test("complaints among too few deliveries lower nobody, and the evidence says that they are too few", async () => {
  await deliver("yahoo", 40);
  await complain(1);
  expect((await judged()).domain).toMatchObject([
    {
      reputation: "HIGH",
      evidence: [{ code: "accepted" }, { code: "complaints-few", share: { count: 1, of: 280 } }],
    },
  ]);
});

test("a share that Google tells counts as it is told, and nobody makes a number of messages of it", async () => {
  await deliver("gmail", 100);
  await feed("google-postmaster", [google(2, 0.002), google(3, 0.002)]);
  expect((await judged()).domain).toMatchObject([
    {
      reputation: "MEDIUM",
      evidence: [
        {
          code: "complaints-raised",
          about: "google-postmaster",
          share: { of: 0, lower: 0.002, upper: 0.002 },
        },
      ],
    },
  ]);
});

test("Yahoo's counts are of what Yahoo says that it delivered", async () => {
  await deliver("yahoo", 10);
  await feed("yahoo", [
    {
      day: dayText(2),
      messages: 9000,
      complaints: { lower: 0.005, upper: 0.005 },
      figures: { kind: "yahoo", complaints: 45 },
    },
  ]);
  const { providers } = await getDomainDelivery(t.owner, { domainId });
  expect(providers).toMatchObject([
    { evidence: [{ code: "complaints-high", about: "yahoo", share: { count: 45, of: 9000 } }] },
  ]);
});

test("SNDS's newest colour of an address counts, and its band of complaints beside it", async () => {
  await deliver("outlook", 100);
  await feed("snds", [snds(4, "red"), snds(3, "yellow"), snds(1, "yellow", 0.004)]);
  const { server, domain } = await judged();
  expect(server).toMatchObject([
    {
      reputation: "MEDIUM",
      evidence: [{ code: "complaints-raised", about: "snds" }, { code: "filter-yellow" }],
    },
  ]);
  expect(domain).toMatchObject([{ reputation: "HIGH" }]);
});

test("a rule of Google's that a domain does not keep holds it down at Gmail alone, today and yesterday", async () => {
  await deliver("gmail", 100);
  await deliver("yahoo", 100);
  const connectionId = await feed("google-postmaster", []);
  const compliance: ComplianceRow[] = [
    { requirement: "ONE_CLICK_UNSUBSCRIBE", isMet: false, reason: null },
    { requirement: "SPF", isMet: true, reason: null },
  ];
  const { organisationId, tenantId } = t;
  await t.database.admin.query.insert(feedDomains).values({
    connectionId,
    domainId,
    organisationId,
    tenantId,
    state: "verified",
    lookedAt: t.clock.now,
    compliance,
  });
  const { domain } = await judged();
  expect(domain.find(({ provider }) => provider === "gmail")).toMatchObject({
    reputation: "MEDIUM",
    since: new Date(`${dayText(2)}T00:00:00Z`),
    evidence: [{ code: "rules-unmet", about: "ONE_CLICK_UNSUBSCRIBE" }],
  });
  expect(domain.find(({ provider }) => provider === "yahoo")).toMatchObject({ reputation: "HIGH" });
});

test("our own mail that fails DMARC holds a domain and its address down, and what others forged does not", async () => {
  await deliver("outlook", 100);
  const row: ToldRow = {
    sourceIp: address,
    count: 300,
    disposition: "none",
    isDkimAligned: true,
    isSpfAligned: true,
    headerFrom: "a.example",
    dkim: [{ domain: "a.example", selector: "ms1", result: "pass" }],
    spf: { domain: "a.example", result: "pass" },
    reasons: [],
  };
  const failed = { isDkimAligned: false, isSpfAligned: false, dkim: [], spf: null };
  const forged: ToldRow = { ...row, ...failed, sourceIp: "203.0.113.9", count: 900 };
  const aggregate: ToldAggregate = {
    reporter: "Outlook.com",
    reportId: "1",
    part: 0,
    beginS: Date.parse(dayText(2)) / 1000,
    endS: Date.parse(dayText(1)) / 1000,
    domain: "a.example",
    policy: "none",
    subdomainPolicy: null,
    percent: 100,
    rows: [row, forged],
  };
  await report({ aggregates: [aggregate] });
  expect((await judged()).domain).toMatchObject([{ reputation: "HIGH", evidence: [{ code: "accepted" }] }]);
  await report({ aggregates: [{ ...aggregate, reportId: "2", rows: [{ ...row, ...failed, count: 100 }] }] });
  const failing = {
    reputation: "MEDIUM",
    evidence: [{ code: "dmarc-failing", share: { count: 100, of: 400 } }],
  };
  const { domain, server } = await judged();
  expect(domain).toMatchObject([failing]);
  expect(server).toMatchObject([failing]);
});
