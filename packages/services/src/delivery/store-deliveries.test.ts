import { randomUUID } from "node:crypto";
import type { DeliveryCount, ReplySample } from "@mailstead/core/delivery";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { ConnectionOverError } from "../context/index.ts";
import { removeServer } from "../servers/index.ts";
import { storeTelemetry } from "../telemetry/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { keepDeliveryPartitions, rollUpDeliveries } from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
const epoch = randomUUID();
const at = Date.parse("2026-11-20T11:58:00Z");
const count: DeliveryCount = {
  minute: at,
  direction: "outbound",
  domain: "a.example",
  sendingAddress: "192.0.2.1",
  provider: "gmail",
  status: "sent",
  category: null,
  attempts: 2,
  firstAttempts: 1,
  overTls: 2,
  sizeBytes: 900,
  latencies: { "40": 2 },
};
const sample: ReplySample = {
  at,
  domain: "a.example",
  provider: "gmail",
  relayName: "mx.example",
  category: "rate-limit",
  ruleId: "gmail-rate",
  reply: "421 4.7.28 slow down",
};

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  await keepDeliveryPartitions(t.system);
  return () => t.close();
});
afterAll(() => shared.close());

const store = (sequence: number, counts: readonly unknown[], more: object = {}) =>
  storeTelemetry(t.gateway, {
    serverId: t.serverId,
    stream: "delivery",
    epoch,
    sequence,
    batch: { counts, samples: [] },
    ...more,
  });

/** Attempts by table and period, with hours and days added up. */
async function readAttempts(table: "minutes" | "hours" | "days"): Promise<Record<string, number>> {
  if (table !== "minutes") expect(await rollUpDeliveries(t.system)).toEqual([]);
  const { rows } = await t.database.admin.pool.query<{ starts_at: Date; attempts: string }>(
    `select starts_at, sum(attempts) as attempts from delivery_${table} group by starts_at order by starts_at`,
  );
  return Object.fromEntries(rows.map((row) => [row.starts_at.toISOString(), Number(row.attempts)]));
}

test("a batch is counted by minute, hour and day, and the next one is added", async () => {
  expect(await store(1, [count])).toEqual({ storedSequence: 1, problem: null });
  expect(await store(2, [count, { ...count, minute: at - 3_600_000 }])).toMatchObject({ storedSequence: 2 });
  expect(await readAttempts("minutes")).toEqual({
    "2026-11-20T10:58:00.000Z": 2,
    "2026-11-20T11:58:00.000Z": 4,
  });
  expect(await readAttempts("hours")).toEqual({
    "2026-11-20T10:00:00.000Z": 2,
    "2026-11-20T11:00:00.000Z": 4,
  });
  expect(await readAttempts("days")).toEqual({ "2026-11-20T00:00:00.000Z": 6 });
  const { rows } = await t.database.admin.pool.query("select latencies, size_bytes from delivery_days");
  expect(rows).toEqual([{ latencies: { "40": 6 }, size_bytes: "2700" }]);
});

test("whatever is sent again, in whatever order and from however many connections, counts once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 12 }), async (repeats) => {
      const own = randomUUID();
      const before = (await readAttempts("days"))["2026-11-20T00:00:00.000Z"] ?? 0;
      const send = (sequence: number) => store(sequence, [{ ...count, attempts: 1 }], { epoch: own });
      for (const sequence of [1, 2, 3, 4, 5, 6]) {
        // An agent sends a number only when the one before it is stored; what it sends again may meet it under way.
        const again = repeats.filter((repeat) => repeat <= sequence);
        const answers = await Promise.all([sequence, ...again].map(send));
        for (const { storedSequence } of answers) expect(storedSequence).toBeGreaterThanOrEqual(sequence - 1);
      }
      expect(await send(6)).toMatchObject({ storedSequence: 6 });
      expect((await readAttempts("days"))["2026-11-20T00:00:00.000Z"]).toBe(before + 6);
    }),
    { numRuns: 8 },
  );
});

test("a gap in the numbers is what a host dropped, and what comes late of it is not counted", async () => {
  await store(1, [count]);
  expect(await store(5, [count])).toMatchObject({ storedSequence: 5 });
  expect(await store(3, [count])).toEqual({ storedSequence: 5, problem: null });
  expect(await readAttempts("days")).toEqual({ "2026-11-20T00:00:00.000Z": 4 });
});

test("what a connection tells that was replaced by a newer one is not stored", async () => {
  const { rows } = await t.database.admin.pool.query<{ id: string }>(
    "update agents set session_counter = 7 returning id",
  );
  const through = (sessionCounter: number) =>
    storeTelemetry(
      { ...t.gateway, connection: { agentId: rows[0]?.id ?? "", sessionCounter } },
      {
        serverId: t.serverId,
        stream: "delivery",
        epoch,
        sequence: 1,
        batch: { counts: [count], samples: [] },
      },
    );
  const [old, current] = await Promise.allSettled([through(6), through(7)]);
  expect(old).toMatchObject({ status: "rejected", reason: expect.any(ConnectionOverError) });
  expect(current).toMatchObject({ value: { storedSequence: 1 } });
  expect(await readAttempts("minutes")).toEqual({ "2026-11-20T11:58:00.000Z": 2 });
});

test("a gateway that dies in the middle of a batch has stored nothing of it", async () => {
  await store(1, [count]);
  const { pool } = t.database.admin;
  const holder = await pool.connect();
  try {
    await holder.query("begin");
    await holder.query("lock table delivery_pending in access exclusive mode");
    const broken = store(2, [count]).catch((error: unknown) => error);
    // It has noted its number and counted its minutes by then, and notes what waits for hours and days.
    const { rows } = await vi.waitFor(async () => {
      const waiting = await pool.query<{ pid: number }>(
        "select pid from pg_locks where not granted and relation = 'delivery_pending'::regclass",
      );
      expect(waiting.rows).toHaveLength(1);
      return waiting;
    });
    await pool.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
    expect(await broken).toBeInstanceOf(Error);
  } finally {
    await holder.query("rollback");
    holder.release();
  }
  expect(await readAttempts("minutes")).toEqual({ "2026-11-20T11:58:00.000Z": 2 });
  expect(await store(2, [count])).toMatchObject({ storedSequence: 2 });
  for (const period of ["minutes", "hours", "days"] as const)
    expect(Object.values(await readAttempts(period))).toEqual([4]);
});

test("batches are counted while partitions come and go", async () => {
  // Each look at the partitions is of another day, so that each makes some and drops some.
  const keep = async (): Promise<void> => {
    for (let day = 0; day < 6; day += 1)
      await keepDeliveryPartitions({ ...t.system, now: () => new Date(at + day * 86_400_000) });
  };
  const tell = async (): Promise<void> => {
    for (let sequence = 1; sequence <= 30; sequence += 1) await store(sequence, [count]);
  };
  await Promise.all([keep(), keep(), tell()]);
  for (const period of ["minutes", "hours", "days"] as const)
    expect(Object.values(await readAttempts(period))).toEqual([60]);
});

test("a host may tell of minutes whose partition the worker has just dropped, and of what is older", async () => {
  const edge = Date.parse("2026-11-13T23:59:00Z");
  // The worker's clock is past midnight already, the gateway's is not.
  t.clock.now = new Date("2026-11-21T00:00:30Z");
  await keepDeliveryPartitions(t.system);
  t.clock.now = new Date("2026-11-20T23:58:30Z");
  expect(await store(1, [{ ...count, minute: edge }, count])).toEqual({ storedSequence: 1, problem: null });
  expect(Object.values(await readAttempts("days"))).toEqual([2, 2]);
});

test("a reply that claims to be of tomorrow was said now, and one of 1970 is not kept", async () => {
  const samples = [
    { ...sample, at: at + 40 * 86_400_000, reply: "of tomorrow" },
    { ...sample, at: 0, reply: "of 1970" },
  ];
  await store(1, [{ ...count, minute: 0 }], { batch: { counts: [{ ...count, minute: 0 }], samples } });
  const { rows } = await t.database.admin.pool.query("select said_at, reply from reply_samples");
  expect(rows).toEqual([{ said_at: t.clock.now, reply: "of tomorrow" }]);
  expect(await readAttempts("days")).toEqual({});
});

test("what cannot be stored is not noted as stored", async () => {
  // A clock that no partition was made for.
  t.clock.now = new Date("2031-01-01T00:00:00Z");
  await expect(store(1, [{ ...count, minute: t.clock.now.getTime() }])).rejects.toThrow();
  await keepDeliveryPartitions(t.system);
  expect(await store(1, [{ ...count, minute: t.clock.now.getTime() }])).toMatchObject({ storedSequence: 1 });
  expect(await readAttempts("minutes")).toEqual({ "2031-01-01T00:00:00.000Z": 2 });
});

test("of a batch in which something has no shape that is known here the rest counts, and it is said how much did not", async () => {
  const bad = [
    { ...count, attempts: -1 },
    { ...count, minute: "now" },
  ];
  const counts = [count, ...bad, { ...count, domain: "b.example" }];
  const samples = [sample, { ...sample, at: null }];
  expect(await store(1, counts, { batch: { counts, samples } })).toEqual({
    storedSequence: 1,
    problem: expect.stringMatching(
      /^3 of the rows of batch 1 of the stream "delivery" have a shape that is not known here, and the rest was stored: /,
    ),
  });
  expect(await readAttempts("days")).toEqual({ "2026-11-20T00:00:00.000Z": 4 });
  const { rows } = await t.database.admin.pool.query(
    "select unread_batches, unread_rows::int, (select count(*)::int from reply_samples) as samples from telemetry_streams",
  );
  expect(rows).toEqual([{ unread_batches: 0, unread_rows: 3, samples: 1 }]);
});

test("a batch that nobody can read is told of and holds up nothing", async () => {
  expect(await store(1, [{ ...count, minute: "now" }])).toEqual({
    storedSequence: 1,
    problem: expect.stringMatching(/^Batch 1 of the stream "delivery" has a shape that is not known here: /),
  });
  expect(await store(2, [count])).toMatchObject({ storedSequence: 2 });
  const { rows } = await t.database.admin.pool.query("select unread_batches from telemetry_streams");
  expect(rows).toEqual([{ unread_batches: 1 }]);
});

test("a host that begins anew is counted from its first number", async () => {
  await store(7, [count]);
  expect(await store(1, [count], { epoch: randomUUID() })).toMatchObject({ storedSequence: 1 });
  expect(await readAttempts("days")).toEqual({ "2026-11-20T00:00:00.000Z": 4 });
});

test("what is older than minutes are kept for counts in hours and days, and what claims to be of tomorrow counts now", async () => {
  await store(1, [
    { ...count, minute: at - 30 * 86_400_000 },
    { ...count, minute: at - 300 * 86_400_000 },
    { ...count, minute: at - 3000 * 86_400_000 },
    { ...count, minute: at + 86_400_000 },
  ]);
  expect(await readAttempts("minutes")).toEqual({ "2026-11-20T12:00:00.000Z": 2 });
  expect(Object.keys(await readAttempts("hours"))).toEqual([
    "2026-10-21T11:00:00.000Z",
    "2026-11-20T12:00:00.000Z",
  ]);
  expect(Object.values(await readAttempts("days"))).toEqual([2, 2, 2]);
});

test("of each kind of reply the newest are kept", async () => {
  const samples = Array.from({ length: 30 }, (_, second) => ({
    ...sample,
    at: at + second * 1000,
    reply: `${second}`,
  }));
  await store(1, [], { batch: { counts: [], samples } });
  await store(2, [], { batch: { counts: [], samples: [{ ...sample, category: "rdns" }] } });
  await keepDeliveryPartitions(t.system);
  const { rows } = await t.database.admin.pool.query(
    "select category, count(*)::int as count, min(reply::text) as first from reply_samples group by category order by 1",
  );
  expect(rows).toEqual([
    { category: "rate-limit", count: 20, first: "10" },
    { category: "rdns", count: 1, first: "421 4.7.28 slow down" },
  ]);
});

test("partitions that are older than what is kept go, with their counts", async () => {
  await store(1, [count]);
  t.clock.now = new Date("2027-03-05T00:00:00Z");
  await keepDeliveryPartitions(t.system);
  await keepDeliveryPartitions(t.system);
  expect(await readAttempts("minutes")).toEqual({});
  expect(await readAttempts("hours")).toEqual({});
  expect(await readAttempts("days")).toEqual({ "2026-11-20T00:00:00.000Z": 2 });
});

test("a server that is removed takes its counts with it, and what its agent still sends is forgotten", async () => {
  await store(1, [count]);
  await removeServer(t.owner, { serverId: t.serverId });
  expect(await store(2, [count])).toEqual({ storedSequence: 2, problem: null });
  expect(await readAttempts("days")).toEqual({});
});
