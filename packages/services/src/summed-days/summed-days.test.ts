import { randomUUID } from "node:crypto";
import type { DeliveryCount } from "@mailstead/core/delivery";
import type { VerdictCount } from "@mailstead/core/verdicts";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getServerDelivery, keepDeliveryPartitions } from "../delivery/index.ts";
import { getTlsOverview } from "../reports/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import { getServerVerdicts, keepVerdictDays } from "../verdicts/index.ts";
import { keepServerDays } from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
const hourMs = 3_600_000;

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  await keepDeliveryPartitions(t.system);
  return () => t.close();
});
afterAll(() => shared.close());

const minuteOf = (hoursAgo: number) =>
  Math.floor((t.clock.now.getTime() - hoursAgo * hourMs) / 60_000) * 60_000;
const tell = (stream: "delivery" | "verdicts", batch: unknown) =>
  tellAndRollUp(t, { serverId: t.serverId, stream, epoch: randomUUID(), sequence: 1, batch });

function tellSent(hoursAgo: number, more: Partial<DeliveryCount> = {}) {
  const count = {
    minute: minuteOf(hoursAgo),
    direction: "outbound",
    domain: "a.example",
    sendingAddress: "192.0.2.1",
    provider: "gmail",
    status: "sent",
    category: null,
    attempts: 10,
    firstAttempts: 9,
    overTls: 8,
    sizeBytes: 900,
    latencies: { "20": 10 },
    ...more,
  };
  return tell("delivery", { counts: [count], samples: [] });
}

function tellVerdict(hoursAgo: number, more: Partial<VerdictCount> = {}) {
  const count: VerdictCount = {
    minute: minuteOf(hoursAgo),
    direction: "inbound",
    domain: "a.example",
    provider: "gmail",
    action: "accepted",
    messages: 4,
    facts: { "spf-fail": 2 },
    scores: { "5": 4 },
    symbols: { BAYES_SPAM: 3 },
    ...more,
  };
  return tell("verdicts", { counts: [count] });
}

async function keep(): Promise<void> {
  const deps = { app: t.database.app, installation: t.owner.installation };
  expect(await keepServerDays(t.system, deps)).toEqual([]);
  expect(await keepVerdictDays(t.system, deps)).toEqual([]);
}

/** All that pages show of the server's days. */
async function read() {
  const { serverId } = t;
  const spans = ["week", "month", "quarter"] as const;
  const told = [];
  for (const span of spans)
    told.push({
      delivery: await getServerDelivery(t.owner, { serverId, span }),
      tls: await getTlsOverview(t.owner, { span }),
      verdicts: await getServerVerdicts(t.owner, { serverId, span }),
    });
  return told;
}

async function tellMuch(): Promise<void> {
  for (const hoursAgo of [0, 5, 30, 50, 24 * 20, 24 * 60]) {
    await tellSent(hoursAgo);
    await tellSent(hoursAgo, {
      domain: "b.example",
      sendingAddress: "192.0.2.2",
      attempts: 7,
      latencies: {},
    });
    await tellSent(hoursAgo, {
      provider: "outlook",
      status: "deferred",
      category: "rate-limit",
      attempts: 3,
      firstAttempts: 1,
      overTls: 0,
      latencies: {},
    });
    await tellSent(hoursAgo, { direction: "inbound", provider: null, sendingAddress: null });
    await tellVerdict(hoursAgo);
    await tellVerdict(hoursAgo, { domain: "b.example", provider: "outlook", messages: 2 });
    await tellVerdict(hoursAgo, {
      direction: "outbound",
      action: "rejected",
      messages: 5,
      facts: { signed: 4 },
    });
    await tellVerdict(hoursAgo, { direction: "outbound", domain: "", messages: 6 });
    await tellVerdict(hoursAgo, { direction: "internal", messages: 7 });
  }
}

const countRows = async (table: string) =>
  Number(
    (await t.database.admin.pool.query(`select count(*) from ${table} where server_id = $1`, [t.serverId]))
      .rows[0].count,
  );

test("pages show the same figures whether days are kept summed or not, and at once what is told of a day that is over", async () => {
  await tellMuch();
  const before = await read();
  await keep();
  expect(await countRows("server_days")).toBeGreaterThan(5);
  expect(await countRows("server_verdict_days")).toBeGreaterThan(3);
  expect(await read()).toEqual(before);
  await tellSent(50, { attempts: 1000 });
  await tellVerdict(50, { messages: 1000 });
  const after = await read();
  expect(after[0]?.delivery.providers[0]?.delivered).toBe(
    (before[0]?.delivery.providers[0]?.delivered ?? 0) + 1000,
  );
  expect(after[0]?.tls.sent[0]?.delivered).toBe((before[0]?.tls.sent[0]?.delivered ?? 0) + 1000);
  expect(after[0]?.verdicts.inbound.messages).toBe((before[0]?.verdicts.inbound.messages ?? 0) + 1000);
  await keep();
  expect(await read()).toEqual(after);
});

test("pages take the sums that are kept", async () => {
  await tellSent(50);
  await tellVerdict(50);
  await keep();
  await t.database.admin.pool.query("update server_days set attempts = 77 where server_id = $1", [
    t.serverId,
  ]);
  await t.database.admin.pool.query("update server_verdict_days set messages = 78 where server_id = $1", [
    t.serverId,
  ]);
  const [week] = await read();
  expect(week?.delivery.providers[0]?.delivered).toBe(77);
  expect(week?.tls.sent[0]?.delivered).toBe(77);
  expect(week?.verdicts.inbound.messages).toBe(78);
});

test("what has not changed is not summed again, and days that no page asks for go", async () => {
  await tellSent(50);
  await keep();
  const versions = async () =>
    (await t.database.admin.pool.query("select xmin::text from summed_days order by 1")).rows;
  const first = await versions();
  await keep();
  expect(await versions()).toEqual(first);
  t.clock.now = new Date(t.clock.now.getTime() + 100 * 24 * hourMs);
  await keep();
  expect(await countRows("server_days")).toBe(0);
});
