import { randomUUID } from "node:crypto";
import type { DeliveryCount } from "@mailstead/core/delivery";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import { getServerDelivery, keepDeliveryPartitions, keepLatencySums } from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
const spans = ["day", "week", "month"] as const;
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

const keep = () => keepLatencySums(t.system, { app: t.database.app, installation: t.owner.installation });

/** Stores what was delivered so many hours ago, in buckets of how long it took. */
async function tell(hoursAgo: number, latencies: Record<string, number>, more: Partial<DeliveryCount> = {}) {
  const attempts = Object.values(latencies).reduce((sum, one) => sum + one, 0);
  const count = {
    minute: Math.floor((t.clock.now.getTime() - hoursAgo * hourMs) / 60_000) * 60_000,
    direction: "outbound",
    domain: "a.example",
    sendingAddress: "192.0.2.1",
    provider: "gmail",
    status: "sent",
    category: null,
    attempts,
    firstAttempts: attempts,
    overTls: attempts,
    sizeBytes: 900,
    latencies,
    ...more,
  };
  await tellAndRollUp(t, {
    serverId: t.serverId,
    stream: "delivery",
    epoch: randomUUID(),
    sequence: 1,
    batch: { counts: [count], samples: [] },
  });
}

/** Half of all, and 95 of 100, at each receiver, for each length of time. */
async function read() {
  const told = [];
  for (const span of spans) {
    const { providers } = await getServerDelivery(t.owner, { serverId: t.serverId, span });
    told.push(providers.map(({ provider, medianS, slowestS }) => [provider, medianS, slowestS]));
  }
  return told;
}

const readRows = async () =>
  (
    await t.database.admin.pool.query(
      "select period, provider, delivered::integer, latencies from latency_sums where server_id = $1 order by period, starts_at, provider",
      [t.serverId],
    )
  ).rows;

test("a server's times are the same whether they are kept summed or not, and again after more was told of a day that is over", async () => {
  await tell(50, { "20": 10, "60": 2 });
  await tell(50, { "20": 5 }, { domain: "b.example", sendingAddress: "192.0.2.2" });
  await tell(5, { "30": 4 }, { provider: "outlook" });
  await tell(0, { "40": 7 });
  const before = await read();
  await keep();
  expect(await read()).toEqual(before);
  expect((await readRows()).filter(({ period }) => period === "day")).toEqual([
    { period: "day", provider: "gmail", delivered: 17, latencies: { "20": 15, "60": 2 } },
  ]);
  // What a host could not tell before counts at once, though the sum of that day was kept without it.
  await tell(50, { "80": 100 });
  const after = await read();
  expect(after[1]).not.toEqual(before[1]);
  await keep();
  expect(await read()).toEqual(after);
  expect((await readRows()).filter(({ period }) => period === "day")).toEqual([
    { period: "day", provider: "gmail", delivered: 117, latencies: { "20": 15, "60": 2, "80": 100 } },
  ]);
});

test("a page takes the sums that are kept", async () => {
  await tell(50, { "20": 10 });
  await keep();
  await t.database.admin.pool.query(
    `update latency_sums set latencies = '{"90": 10}' where server_id = $1 and period = 'day'`,
    [t.serverId],
  );
  const [, week] = await read();
  expect(week?.[0]?.[1]).toBeGreaterThan(10);
});

test("hours that no page asks for go, what has not changed is not written, and this hour and day are left to be read", async () => {
  await tell(20, { "20": 1 });
  await tell(0, { "20": 1 });
  await keep();
  const versions = async () =>
    (await t.database.admin.pool.query("select xmin::text from latency_sums order by 1")).rows;
  const first = await versions();
  expect((await readRows()).map(({ period }) => period)).toEqual(["day", "hour"]);
  await keep();
  expect(await versions()).toEqual(first);
  t.clock.now = new Date(t.clock.now.getTime() + 24 * hourMs);
  await keep();
  expect((await readRows()).map(({ period }) => period)).toEqual(["day", "day", "hour"]);
});
