import { randomUUID } from "node:crypto";
import { makeDomain } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { keepDeliveryPartitions } from "../delivery/index.ts";
import { storeTelemetry } from "../telemetry/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { getTlsOverview, keepReportSenders, keepTlsOverviews, listReportSenders } from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
const names = Array.from({ length: 40 }, (_, place) => `d${place}.example`);

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  await keepDeliveryPartitions(t.system);
  const { organisationId, tenantId, serverId } = t;
  for (const name of names) await makeDomain(t.database.admin, { organisationId, tenantId, serverId, name });
  await tell(names);
  return () => t.close();
});
afterAll(() => shared.close());

/** What a receiver reports of each of these domains: some mail that fails, and TLS sessions of which one did. */
async function tell(domains: readonly string[]) {
  const endS = Math.floor(t.clock.now.getTime() / 1000 / 86_400) * 86_400;
  const report = (domain: string) => ({
    reporter: "google.com",
    reportId: randomUUID(),
    part: 0,
    beginS: endS - 86_400,
    endS,
    domain,
  });
  const aggregates = domains.map((domain, place) => ({
    ...report(domain),
    policy: "none",
    subdomainPolicy: null,
    percent: 100,
    rows: [
      {
        sourceIp: `203.0.${place % 7}.9`,
        count: 10 + place,
        disposition: place % 2 === 0 ? "none" : "reject",
        isDkimAligned: false,
        isSpfAligned: false,
        headerFrom: domain,
        dkim: [],
        spf: { domain, result: "fail" },
        reasons: [],
      },
    ],
  }));
  const tls = domains.map((domain) => ({
    ...report(domain),
    policyType: "sts",
    successes: 90,
    failures: 1,
    details: [
      { type: "certificate-expired", count: 1, sendingIp: null, receivingHost: `mx.${domain}`, reason: null },
    ],
  }));
  for (let from = 0; from < domains.length; from += 10)
    await storeTelemetry(t.gateway, {
      serverId: t.serverId,
      stream: "reports",
      epoch: randomUUID(),
      sequence: 1,
      batch: {
        aggregates: aggregates.slice(from, from + 10),
        tls: tls.slice(from, from + 10),
        feedback: [],
        troubles: [],
      },
    });
}

async function keep(): Promise<void> {
  const deps = { app: t.database.app, installation: t.owner.installation };
  expect(await keepReportSenders(t.system, deps)).toEqual([]);
  expect(await keepTlsOverviews(t.system, deps)).toEqual([]);
}

/** What the pages show, to who sees all customers and to who sees one, but for when it was added up. */
async function read() {
  const told: object[] = [];
  for (const ctx of [t.owner, t.as("technician", t.tenantId)])
    for (const span of ["week", "month", "quarter"] as const) {
      const ofTenant = { span, tenantId: t.tenantId };
      told.push(
        await listReportSenders(ctx, { span }),
        await listReportSenders(ctx, { ...ofTenant, whose: "all", search: "d1", limit: 3 }),
        await getTlsOverview(ctx, { span }),
        await getTlsOverview(ctx, ofTenant),
      );
    }
  return told.map((one) => ({ ...one, keptAt: null }));
}

test("what the worker keeps is what whoever asks would add up, and is shown for an hour", async () => {
  const before = await read();
  expect(before[0]).toMatchObject({ total: 7, reported: { domains: 40 } });
  await keep();
  expect(await read()).toEqual(before);
  expect((await listReportSenders(t.owner, { span: "week" })).keptAt).toEqual(t.clock.now);
  expect((await getTlsOverview(t.owner, { span: "week" })).keptAt).toEqual(t.clock.now);
  await tell(names);
  expect(await read()).toEqual(before);
  await keep();
  const after = await read();
  expect(after).not.toEqual(before);
  t.clock.now = new Date(t.clock.now.getTime() + 3_600_001);
  expect(await read()).toEqual(after);
  await tell(names);
  expect(await read()).not.toEqual(after);
});

test("of few domains nothing is kept, and a stranger sees no answer", async () => {
  const stranger = await t.makeStranger();
  await keep();
  const { rows } = await t.database.admin.pool.query(
    "select tenant_id, question, span from kept_answers where organisation_id = $1",
    [t.organisationId],
  );
  expect(rows).toHaveLength(12);
  expect((await listReportSenders(stranger)).total).toBe(0);
  expect((await getTlsOverview(stranger)).received).toEqual([]);
});
