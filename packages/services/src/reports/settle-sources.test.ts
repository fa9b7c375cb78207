import { randomUUID } from "node:crypto";
import type { ToldRow } from "@mailstead/core/reports";
import { makeDomain, makeTenant } from "@mailstead/db/factories";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getFinding } from "../findings/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import { getDomainReports, recordReportFindings, settleSources, unsettleSource } from "./index.ts";

let t: ServerTest;
let domainId: string;
beforeAll(async () => {
  t = await openServerTest();
  const { organisationId, tenantId, serverId } = t;
  const of = { organisationId, tenantId, serverId, name: "a.example" };
  ({ id: domainId } = await makeDomain(t.database.admin, of));
});
afterAll(() => t.close());

const endS = Date.parse("2026-11-20T00:00:00Z") / 1000;
const forged = (sourceIp: string, count: number): ToldRow => ({
  sourceIp,
  count,
  disposition: "reject",
  isDkimAligned: false,
  isSpfAligned: false,
  headerFrom: "a.example",
  dkim: [],
  spf: { domain: "a.example", result: "fail" },
  reasons: [],
});

async function report(rows: ToldRow[], policy: "none" | "reject" = "reject", later = 0) {
  const aggregate = {
    reporter: "google.com",
    reportId: randomUUID(),
    part: 0,
    beginS: endS + later - 86_400,
    endS: endS + later,
    domain: "a.example",
    policy,
    subdomainPolicy: null,
    percent: 100,
    rows,
  };
  const batch = { aggregates: [aggregate], tls: [], feedback: [], troubles: [] };
  await tellAndRollUp(t, {
    serverId: t.serverId,
    stream: "reports",
    epoch: randomUUID(),
    sequence: 1,
    batch,
  });
  const failed = await recordReportFindings(t.system, { app: t.database.app, installation: t.installation });
  expect(failed).toEqual([]);
}

const findings = async () =>
  (
    await t.database.admin.pool.query<{ id: string; sentence: string; isOpen: boolean }>(
      `select id, sentence, closed_at is null as "isOpen" from check_findings order by opened_at, id`,
    )
  ).rows;
const isOpen = async () => (await findings()).some((one) => one.isOpen);
const answers = async () =>
  (await getDomainReports(t.owner, { domainId })).dmarc.sources.map(({ strangerName, settled }) => [
    strangerName,
    settled?.by ?? null,
  ]);

test("forgeries that a person has seen are settled with name and time, and come back only with something new", async () => {
  await report([forged("203.0.113.9", 70), forged("203.0.113.10", 60)]);
  const [finding] = await findings();
  expect(finding).toMatchObject({ isOpen: true });
  const findingId = finding?.id ?? "";
  expect((await getFinding(t.owner, { findingId })).action).toEqual({ kind: "settle-sources" });

  await settleSources(t.owner, { domainId, sources: ["203.0.113.9"] });
  expect(await isOpen()).toBe(true);
  expect(await answers()).toEqual([
    ["203.0.113.9", t.owner.actor.name],
    ["203.0.113.10", null],
  ]);
  expect(await settleSources(t.owner, { domainId })).toEqual({ settled: 2 });
  expect(await isOpen()).toBe(false);
  expect((await getFinding(t.owner, { findingId })).history).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ what: "sources-settled", who: t.owner.actor.name }),
      expect.objectContaining({ what: "closed" }),
    ]),
  );

  await report([forged("203.0.113.9", 200)]);
  expect(await isOpen()).toBe(false);
  await report([forged("203.0.113.11", 50)]);
  expect((await findings()).filter((one) => one.isOpen)).toMatchObject([
    { sentence: expect.stringMatching(/^50 messages .* from 1 sources/) },
  ]);
  await settleSources(t.owner, { domainId });
  expect(await isOpen()).toBe(false);
  // The domain no longer asks for it to be refused.
  await report([forged("203.0.113.9", 1)], "none", 3600);
  expect(await isOpen()).toBe(true);
  await settleSources(t.owner, { domainId });
  expect(await isOpen()).toBe(false);
});

test("what was settled is taken back, and a source that nobody reported is none", async () => {
  await unsettleSource(t.owner, { domainId, source: "203.0.113.9" });
  expect(await isOpen()).toBe(true);
  await expect(unsettleSource(t.owner, { domainId, source: "203.0.113.9" })).rejects.toMatchObject({
    kind: "not-found",
  });
  await expect(settleSources(t.owner, { domainId, sources: ["192.0.2.77"] })).rejects.toMatchObject({
    kind: "not-found",
    message: expect.stringMatching(/192\.0\.2\.77/),
  });
});

test("another customer's people neither settle nor take back", async () => {
  const { organisationId } = t;
  const other = await makeTenant(t.database.admin, { organisationId });
  const stranger = { ...t.owner, tenantId: other.id };
  for (const act of [
    () => settleSources(stranger, { domainId }),
    () => unsettleSource(stranger, { domainId, source: "203.0.113.10" }),
  ])
    await expect(act()).rejects.toMatchObject({ kind: "not-found", message: "There is no such domain." });
});
