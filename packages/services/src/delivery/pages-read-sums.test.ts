import { openDatabase } from "@mailstead/db";
import type { PoolClient } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getServerBlockLists } from "../block-lists/index.ts";
import type { ServiceContext } from "../context/index.ts";
import { addDomain } from "../domains/index.ts";
import { getDomainTold, getServerTold, listFeeds } from "../feeds/index.ts";
import { listDeliveryFindings } from "../findings/index.ts";
import { getDomainReports, getTlsOverview, listReportSenders } from "../reports/index.ts";
import {
  getDomainReputation,
  getFleetReputation,
  getServerReputation,
  listStandings,
} from "../reputation/index.ts";
import { getSenderRules } from "../sender-rules/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import { getServerVerdicts } from "../verdicts/index.ts";
import { getDomainDelivery, getServerDelivery, keepDeliveryPartitions, keepLatencySums } from "./index.ts";

interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
}

let t: ServerTest;
let ctx: ServiceContext;
let domainId: string;
const asked: Asked[] = [];

beforeAll(async () => {
  t = await openServerTest();
  await keepDeliveryPartitions(t.system);
  ({ domainId } = await addDomain(t.owner, {
    tenantId: t.tenantId,
    serverId: t.serverId,
    name: "a.example",
  }));
  const count = {
    minute: Math.floor(t.clock.now.getTime() / 60_000) * 60_000,
    direction: "outbound" as const,
    domain: "a.example",
    sendingAddress: "192.0.2.1",
    provider: "gmail" as const,
    status: "deferred" as const,
    category: "rate-limit" as const,
    attempts: 9,
    firstAttempts: 9,
    overTls: 0,
    sizeBytes: 9,
    latencies: {},
  };
  await tellAndRollUp(t, {
    serverId: t.serverId,
    stream: "delivery",
    epoch: t.serverId,
    sequence: 1,
    batch: { counts: [count], samples: [] },
  });
  // No two sketches are alike, or Postgres would sum one for all.
  // Days and hours until now of the domain, of one below it, and of many others of the same customer on the same server.
  for (const [table, step] of [
    ["delivery_days", "day"],
    ["delivery_hours", "hour"],
  ])
    await t.database.admin.pool.query(
      `insert into ${table} select $1, date_trunc($4, $5::timestamptz, 'UTC') - n * ('1 ' || $4)::interval, 'outbound', domain, '192.0.2.1',
          'gmail', 'sent', '', $2, $3, 9, 9, 9, 9, jsonb_build_object('20', hashtext(domain || n) & 65535)
        from generate_series(0, ${periodsEach}) n
          cross join (select 'a.example' as domain union select 'news.a.example' union select 'b' || b || '.example' from generate_series(1, 60) b) names`,
      [t.serverId, t.organisationId, t.tenantId, step, t.clock.now],
    );
  await keepLatencySums(t.system, { app: t.database.app, installation: t.owner.installation });
  await t.database.admin.pool.query("analyze");
  const database = openDatabase(t.database.appUrl);
  database.pool.on("connect", listenTo);
  ctx = { ...t.owner, database };
});
afterAll(async () => {
  await ctx.database.close();
  await t.close();
});

/** Notes what is asked of the database, and lets it pass. */
function listenTo(client: PoolClient): void {
  const query = client.query.bind(client) as (...words: unknown[]) => unknown;
  const listening = (...words: unknown[]) => {
    const [what, values] = words as [string | { text: string }, unknown[] | undefined];
    const text = typeof what === "string" ? what : what.text;
    if (/^\s*(select|with)\b/i.test(text) && !text.includes("set_config"))
      asked.push({ text, values: Array.isArray(values) ? values : [] });
    return query(...words);
  };
  Object.assign(client, { query: listening });
}

/** Short enough that the partitions of before and after it are there. */
const periodsEach = 50;

/** How Postgres would answer, as the person who asks, where no table is too small for an index. */
async function plansOf(page: () => Promise<unknown>): Promise<string[]> {
  const plans = await explained(page, "explain");
  return plans.map((rows) => rows.map((row) => row["QUERY PLAN"]).join("\n"));
}

interface PlanNode {
  readonly "Relation Name"?: string;
  readonly "Function Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly PlanNode[];
}

const isCounts = (node: PlanNode) => node["Relation Name"]?.startsWith("delivery_") === true;
const isSketch = (node: PlanNode) => node["Function Name"] === "jsonb_each_text";

/** How many rows of counts a page reads, or buckets of latencies; those too that it then leaves out. */
async function countRead(
  page: () => Promise<unknown>,
  isMeant: (node: PlanNode) => boolean = isCounts,
): Promise<number> {
  const read = (node: PlanNode): number => {
    const rows =
      node["Actual Rows"] +
      (node["Rows Removed by Filter"] ?? 0) +
      (node["Rows Removed by Index Recheck"] ?? 0);
    const below = (node.Plans ?? []).reduce((sum, one) => sum + read(one), 0);
    return below + (isMeant(node) ? rows * node["Actual Loops"] : 0);
  };
  const plans = (await explained(page, "explain (analyze, format json)")) as unknown as [
    { "QUERY PLAN": [{ Plan: PlanNode }] },
  ][];
  return plans.reduce((sum, [row]) => sum + read(row["QUERY PLAN"][0].Plan), 0);
}

async function explained(page: () => Promise<unknown>, how: string): Promise<{ "QUERY PLAN": string }[][]> {
  asked.length = 0;
  await page();
  const client = await t.database.app.pool.connect();
  try {
    await client.query("begin");
    await client.query(
      "select set_config('mailstead.organisation_id', $1, true), set_config('mailstead.tenant_id', '', true)",
      [ctx.organisationId],
    );
    await client.query("set local enable_seqscan = off");
    const plans: { "QUERY PLAN": string }[][] = [];
    for (const { text, values } of asked)
      plans.push((await client.query<{ "QUERY PLAN": string }>(`${how} ${text}`, [...values])).rows);
    return plans;
  } finally {
    await client.query("rollback");
    client.release();
  }
}

const spans = ["day", "week", "month", "quarter"] as const;
const server = () => ({ serverId: t.serverId });
const domain = () => ({ domainId });
const pages: [string, () => Promise<unknown>][] = [
  ...spans.flatMap((span): [string, () => Promise<unknown>][] => [
    [`a server, ${span}`, () => getServerDelivery(ctx, { ...server(), span })],
    [`a domain, ${span}`, () => getDomainDelivery(ctx, { ...domain(), span })],
    [`a server's days, ${span}`, () => getServerReputation(ctx, { ...server(), span })],
    [`a domain's days, ${span}`, () => getDomainReputation(ctx, { ...domain(), span })],
    [`verdicts, ${span}`, () => getServerVerdicts(ctx, { ...server(), span })],
    [`reports, ${span}`, () => getDomainReports(ctx, { ...domain(), span })],
  ]),
  ...(["week", "month", "quarter"] as const).map((span): [string, () => Promise<unknown>] => [
    `the fleet, ${span}`,
    () => getFleetReputation(ctx, { span }),
  ]),
  ["standings of servers", () => listStandings(ctx)],
  ["standings of domains", () => listStandings(ctx, { of: "domains" })],
  ["sender rules", () => getSenderRules(ctx, domain())],
  ["block lists", () => getServerBlockLists(ctx, server())],
  ["findings", () => listDeliveryFindings(ctx, {})],
  ["feeds of a domain", () => getDomainTold(ctx, domain())],
  ["feeds of a server", () => getServerTold(ctx, server())],
  ["feeds", () => listFeeds(ctx)],
  ["encryption", () => getTlsOverview(ctx)],
  ["senders", () => listReportSenders(ctx)],
];

test.for(pages)("the page of %s reads no minutes, and sums by an index alone", async ([, page]) => {
  const plans = await plansOf(page);
  expect(plans.length).toBeGreaterThan(0);
  for (const plan of plans) {
    expect(plan).not.toContain("delivery_minutes");
    expect(plan).not.toMatch(
      /Seq Scan on (delivery_|reply_samples|reputation_days|fleet_days|latency_sums|verdict_)/,
    );
  }
});

test("a domain's figures and its rules read its own days and those below it, however much its customer sends else", async () => {
  for (const span of spans)
    expect(await countRead(() => getDomainDelivery(ctx, { ...domain(), span }))).toBeLessThan(
      10 * periodsEach,
    );
  expect(await countRead(() => getSenderRules(ctx, domain()))).toBeLessThan(4 * periodsEach);
});

test("a server's page sums the latencies of what was told since they were last summed, and no others", async () => {
  for (const span of spans)
    expect(await countRead(() => getServerDelivery(ctx, { ...server(), span }), isSketch)).toBeLessThan(130);
});

test("the page of the fleet reads sums of days, and the judged days of one day alone", async () => {
  const plans = await plansOf(() => getFleetReputation(ctx, { span: "quarter" }));
  expect(plans.filter((plan) => plan.includes("fleet_days"))).toHaveLength(1);
  const judged = plans.filter((plan) => plan.includes("reputation_days"));
  expect(judged).toHaveLength(1);
  expect(judged[0]).toMatch(/day = \(InitPlan/);
});

test("days are read for more than two of them, and hours of what tells of trouble alone", async () => {
  for (const span of ["week", "month"] as const) {
    const plans = await plansOf(() => getServerDelivery(ctx, { ...server(), span }));
    const ofHours = plans.filter((plan) => plan.includes("delivery_hours") && plan.includes("latencies"));
    expect(ofHours).toEqual([]);
    expect(asked.some(({ text }) => text.includes("delivery_days") && text.includes("latencies"))).toBe(true);
    for (const { text } of asked.filter((one) => one.text.includes('"delivery_hours"')))
      expect(text).toMatch(/"category" in|order by starts_at desc limit 1/);
  }
});
