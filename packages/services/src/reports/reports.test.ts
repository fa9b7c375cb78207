import { randomUUID } from "node:crypto";
import type { ReportBatch, ToldAggregate, ToldFeedback, ToldRow, ToldTls } from "@mailstead/core/reports";
import { makeDomain, makeServer } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { withTransaction } from "../context/index.ts";
import { keepDeliveryPartitions } from "../delivery/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import {
  forgetOldReports,
  getDomainReports,
  getSenderReports,
  getTlsOverview,
  listReportSenders,
  readComplaints,
  recordReportFindings,
} from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
let domainId: string;

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  const { organisationId, tenantId, serverId } = t;
  await t.database.admin.pool.query("update servers set facts = $1 where id = $2", [
    { ipAddresses: ["192.0.2.1"] },
    serverId,
  ]);
  ({ id: domainId } = await makeDomain(t.database.admin, {
    organisationId,
    tenantId,
    serverId,
    name: "a.example",
  }));
  return () => t.close();
});
afterAll(() => shared.close());

const endS = Date.parse("2026-11-20T00:00:00Z") / 1000;
const row: ToldRow = {
  sourceIp: "192.0.2.1",
  count: 40,
  disposition: "none",
  isDkimAligned: true,
  isSpfAligned: true,
  headerFrom: "a.example",
  dkim: [{ domain: "a.example", selector: "ms1", result: "pass" }],
  spf: { domain: "a.example", result: "pass" },
  reasons: [],
};
const stranger: ToldRow = {
  ...row,
  sourceIp: "203.0.113.9",
  count: 60,
  isDkimAligned: false,
  isSpfAligned: false,
  dkim: [],
};
const aggregate: ToldAggregate = {
  reporter: "google.com",
  reportId: "1",
  part: 0,
  beginS: endS - 86_400,
  endS,
  domain: "a.example",
  policy: "none",
  subdomainPolicy: null,
  percent: 100,
  rows: [row, { ...stranger, spf: { domain: "a.example", result: "fail" } }],
};
const tls: ToldTls = {
  reporter: "google.com",
  reportId: "t1",
  part: 0,
  beginS: endS - 86_400,
  endS,
  domain: "a.example",
  policyType: "sts",
  successes: 90,
  failures: 10,
  details: [
    { type: "certificate-expired", count: 10, sendingIp: null, receivingHost: "mx.a.example", reason: null },
  ],
};
const complaint: ToldFeedback = {
  kind: "complaint",
  type: "abuse",
  reporter: "arf.mail.yahoo.com",
  domains: ["a.example"],
  at: Date.parse("2026-11-19T10:00:00Z"),
  sourceIp: "192.0.2.1",
  incidents: 2,
  dkimDomain: "a.example",
  dkimSelector: "ms1",
  feedbackId: null,
  failure: null,
  results: {},
};

function tell(parts: Partial<ReportBatch>, serverId = t.serverId) {
  const batch = { aggregates: [], tls: [], feedback: [], troubles: [], ...parts };
  return tellAndRollUp(t, { serverId, stream: "reports", epoch: randomUUID(), sequence: 1, batch });
}

const reports = () => getDomainReports(t.owner, { domainId });

test("what receivers report is summed, and each source is told by whose it is", async () => {
  expect(await tell({ aggregates: [aggregate], tls: [tls], feedback: [complaint] })).toMatchObject({
    problem: null,
  });
  const found = await reports();
  expect(found.dmarc).toMatchObject({
    total: 100,
    passed: 40,
    reports: 1,
    policy: "none",
    days: [{ day: "2026-11-20", total: 100 }],
    reporters: [{ reporter: "google.com", passed: 40 }],
    sources: [
      { sourceIp: "203.0.113.9", messages: 60, passed: 0, origin: { kind: "unknown" } },
      {
        sourceIp: "192.0.2.1",
        messages: 40,
        passed: 40,
        origin: { kind: "ours", via: "server", name: "mail1" },
      },
    ],
  });
  expect(found.tls).toMatchObject({
    total: 100,
    passed: 90,
    failures: [
      { type: "certificate-expired", sessions: 10, hosts: ["mx.a.example"], reporters: ["google.com"] },
    ],
  });
  expect(found.addresses).toEqual(["mailstead-reports@mail1.msp.example"]);
  expect(found.complaints).toMatchObject([{ provider: "yahoo", day: "2026-11-19", complaints: 2 }]);
  expect(found.findings.map(({ kind }) => kind)).toEqual(["reported-stranger", "reported-tls"]);
});

test("a report that is told again, by a host that lost what it kept or by another one, counts once", async () => {
  await tell({ aggregates: [aggregate], tls: [tls] });
  await tell({ aggregates: [aggregate, { ...aggregate, part: 1, rows: [row] }], tls: [tls] });
  const { organisationId, tenantId } = t;
  const other = await makeServer(t.database.admin, { organisationId, tenantId });
  await tell({ aggregates: [aggregate] }, other.id);
  const { dmarc, tls: sessions } = await reports();
  expect([dmarc.total, dmarc.reports, sessions.total]).toEqual([140, 1, 100]);
});

test("a report for a domain below counts for the one that is here", async () => {
  await tell({ aggregates: [{ ...aggregate, domain: "news.a.example" }] });
  expect((await reports()).dmarc.total).toBe(100);
});

test("a report about a domain of nobody, or of another customer, is counted as such and stored nowhere", async () => {
  const strange = await t.makeStranger();
  const { id: otherDomain } = await makeDomain(t.database.admin, {
    organisationId: strange.organisationId,
    tenantId: strange.ownTenantId,
    serverId: (
      await makeServer(t.database.admin, {
        organisationId: strange.organisationId,
        tenantId: strange.ownTenantId,
      })
    ).id,
    name: "b.example",
  });
  await tell({
    aggregates: [
      { ...aggregate, domain: "b.example" },
      { ...aggregate, domain: "example" },
    ],
    tls: [{ ...tls, domain: "b.example" }],
    feedback: [{ ...complaint, domains: ["b.example"] }],
  });
  const theirs = await getDomainReports(strange, { domainId: otherDomain });
  expect([theirs.dmarc.total, theirs.tls.total, theirs.complaints]).toEqual([0, 0, []]);
  const { troubles, dmarc } = await reports();
  expect(dmarc.total).toBe(0);
  expect(troubles).toMatchObject([{ kind: "foreign", mails: 4 }]);
});

test("a domain that another organisation calls like ours, or like one below ours, takes no report from us", async () => {
  const strange = await t.makeStranger();
  const { organisationId, ownTenantId: tenantId } = strange;
  const { id: serverId } = await makeServer(t.database.admin, { organisationId, tenantId });
  for (const name of ["a.example", "news.a.example"])
    await makeDomain(t.database.admin, { organisationId, tenantId, serverId, name });
  await tell({
    aggregates: [aggregate, { ...aggregate, reportId: "2", domain: "news.a.example" }],
    tls: [tls],
    feedback: [complaint],
  });
  const { dmarc, tls: sessions, complaints, troubles } = await reports();
  expect([dmarc.total, sessions.total, complaints.length, troubles]).toEqual([200, 100, 1, []]);
});

test.each([
  ["destinationRelays", "to", "standby"],
  ["destinationRelays", "to", "provider:gmail"],
  ["destinationRelays", "to", "receiver.example"],
  ["relays", "sendersOf", "news@a.example"],
  ["relays", "sendersOf", "a.example"],
  ["relays", "sendersOf", "*"],
])("a smarthost of the server's %s whose %s is %s is ours", async (list, key, value) => {
  const smarthost = { host: "smtp.postmarkapp.com", port: 587 };
  await t.database.admin.pool.query(
    "update target_states set document = jsonb_set(document::jsonb, array[$1], $2::jsonb)::text where server_id = $3",
    [list, JSON.stringify([{ [key]: value, smarthost }]), t.serverId],
  );
  const spf = { domain: "pm.mtasv.net", result: "pass" };
  await tell({ aggregates: [{ ...aggregate, rows: [{ ...stranger, spf }] }] });
  expect((await reports()).dmarc.sources).toMatchObject([{ origin: { kind: "ours", via: "smarthost" } }]);
});

test("a report whose time cannot be believed is not stored, whatever the agent says", async () => {
  await tell({ aggregates: [{ ...aggregate, beginS: endS + 9 * 86_400, endS: endS + 10 * 86_400 }] });
  expect(await reports()).toMatchObject({ dmarc: { total: 0 }, troubles: [{ kind: "unread", mails: 1 }] });
});

test("mails that could not be read are added up by day", async () => {
  const trouble = { kind: "unread", why: "half a zip", at: t.clock.now.getTime(), count: 1 } as const;
  await tell({ troubles: [trouble] });
  await tell({ troubles: [{ ...trouble, count: 2 }] });
  expect((await reports()).troubles).toMatchObject([{ kind: "unread", why: "half a zip", mails: 3 }]);
});

test("complaints are read by scope and time; a message that was welcome after all is none", async () => {
  await tell({
    feedback: [
      complaint,
      { ...complaint, type: "not-spam" },
      { ...complaint, kind: "failure", type: "auth-failure" },
    ],
  });
  const read = (scope: { domainId?: string; serverId?: string }, from: string) =>
    withTransaction(t.owner, (tx) => readComplaints(tx, scope, { from: new Date(from), until: t.clock.now }));
  expect(await read({ serverId: t.serverId }, "2026-11-19")).toMatchObject([
    {
      domainId,
      serverId: t.serverId,
      address: "192.0.2.1",
      provider: "yahoo",
      complaints: 2,
      of: null,
      source: "feedback-loop",
    },
  ]);
  expect(await read({ domainId }, "2026-11-19")).toHaveLength(1);
  expect(await read({ domainId: randomUUID() }, "2026-11-19")).toEqual([]);
  expect(await read({}, "2026-11-20")).toEqual([]);
  expect((await reports()).failures).toHaveLength(1);
});

test("what reports show to be wrong becomes a finding, which closes once they show it no more", async () => {
  const record = () => recordReportFindings(t.system, { app: t.database.app, installation: t.installation });
  const open = async () =>
    (
      await t.database.admin.pool.query<{ key: string }>(
        "select key from check_findings where closed_at is null order by key",
      )
    ).rows.map(({ key }) => key);
  await tell({ aggregates: [aggregate] });
  expect(await record()).toEqual([]);
  expect(await open()).toEqual(["reported-stranger a.example"]);
  t.clock.now = new Date(t.clock.now.getTime() + 8 * 86_400_000);
  expect(await record()).toEqual([]);
  expect(await open()).toEqual([]);
});

test("old reports are let go of with all their rows", async () => {
  await tell({ aggregates: [aggregate], tls: [tls], feedback: [complaint], troubles: [] });
  t.clock.now = new Date(t.clock.now.getTime() + 401 * 86_400_000);
  await forgetOldReports(t.system);
  for (const table of ["received_reports", "dmarc_rows", "tls_failures", "feedback_reports"]) {
    const { rows } = await t.database.admin.pool.query(`select 1 from ${table}`);
    expect(rows).toEqual([]);
  }
});

test("the senders of all domains are told by network, with what they did and what each asks of us", async () => {
  const forged = { ...stranger, spf: { domain: "a.example", result: "fail" } };
  const service = { dkim: [{ domain: "mandrillapp.com", selector: "m", result: "pass" }], count: 7 };
  await tell({
    aggregates: [
      {
        ...aggregate,
        rows: [
          row,
          { ...forged, disposition: "quarantine" },
          { ...forged, sourceIp: "203.0.113.200", count: 5 },
          { ...forged, ...service, sourceIp: "198.51.100.4" },
        ],
      },
    ],
  });
  const { rows, total, sums, reported } = await listReportSenders(t.owner);
  expect([total, sums, reported]).toEqual([
    2,
    { messages: 72, failed: 72, letIn: 12 },
    { domains: 1, messages: 112 },
  ]);
  expect(rows).toMatchObject([
    {
      network: "203.0.113.0/24",
      advice: "forged",
      addresses: ["203.0.113.9", "203.0.113.200"],
      quarantined: 60,
      letIn: 5,
      domains: [{ name: "a.example", messages: 65, failed: 65, policy: "none" }],
      firstAt: new Date(endS * 1000),
    },
    {
      origin: { kind: "service", service: "mailchimp" },
      advice: "service",
      provenDomains: ["mandrillapp.com"],
    },
  ]);
  const ours = await listReportSenders(t.owner, { whose: "ours" });
  expect(ours.rows).toMatchObject([{ origin: { name: "mail1" }, advice: "fine", messages: 40 }]);
  expect((await listReportSenders(t.owner, { search: "mandrill" })).total).toBe(1);
  expect((await listReportSenders(await t.makeStranger())).total).toBe(0);

  const evidence = await getSenderReports(t.owner, { addresses: ["203.0.113.9"], domainId });
  expect(evidence).toMatchObject({
    total: 1,
    rows: [{ day: "2026-11-19", reporter: "google.com", messages: 60, disposition: "quarantine" }],
  });
  expect((await getSenderReports(await t.makeStranger(), { addresses: ["203.0.113.9"] })).total).toBe(0);
});

test("encryption is told for mail that left and mail that came, what failed first", async () => {
  await keepDeliveryPartitions(t.system);
  await tell({ tls: [tls] });
  const count = {
    minute: t.clock.now.getTime(),
    direction: "outbound",
    domain: "a.example",
    sendingAddress: "192.0.2.1",
    provider: "gmail",
    status: "sent",
    category: null,
    attempts: 9,
    firstAttempts: 9,
    overTls: 9,
    sizeBytes: 1,
    latencies: {},
  } as const;
  await tellAndRollUp(t, {
    serverId: t.serverId,
    stream: "delivery",
    epoch: randomUUID(),
    sequence: 1,
    batch: { counts: [count, { ...count, provider: null, overTls: 4 }], samples: [] },
  });
  expect(await getTlsOverview(t.owner)).toEqual({
    sent: [
      { provider: null, delivered: 9, overTls: 4 },
      { provider: "gmail", delivered: 9, overTls: 9 },
    ],
    clearServers: [{ id: t.serverId, name: "mail1", clear: 5 }],
    received: [
      {
        id: domainId,
        domain: "a.example",
        tenantName: expect.any(String),
        reports: 1,
        reporters: ["google.com"],
        policy: "sts",
        sessions: 100,
        failed: 10,
        failures: [{ type: "certificate-expired", sessions: 10, hosts: ["mx.a.example"], reasons: [] }],
      },
    ],
    unreported: 0,
    keptAt: null,
  });
  const stranger = await getTlsOverview(await t.makeStranger());
  expect([stranger.sent, stranger.received]).toEqual([[], []]);
});
