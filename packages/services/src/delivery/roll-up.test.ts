import { randomUUID } from "node:crypto";
import type { DeliveryCount } from "@mailstead/core/delivery";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { addServer, removeServer } from "../servers/index.ts";
import { storeTelemetry } from "../telemetry/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { getCountsBehind, keepDeliveryPartitions, rollUpDeliveries } from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
const at = Date.parse("2026-11-20T11:58:00Z");
const dayMs = 86_400_000;
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

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  await keepDeliveryPartitions(t.system);
  return () => t.close();
});
afterAll(() => shared.close());

const tell = (counts: readonly DeliveryCount[], serverId = t.serverId) =>
  storeTelemetry(t.gateway, {
    serverId,
    stream: "delivery",
    epoch: randomUUID(),
    sequence: 1,
    batch: { counts, samples: [] },
  });
const rollUp = () => rollUpDeliveries(t.system);

type Sum = Record<"attempts" | "first" | "tls" | "bytes" | "latencies", number>;

/** All that is counted of a period, and how many batches wait. */
async function readSum(table: "minutes" | "hours" | "days"): Promise<Sum> {
  const { rows } = await t.database.admin.pool.query<Sum>(
    `select coalesce(sum(attempts), 0)::float8 as attempts, coalesce(sum(first_attempts), 0)::float8 as first,
      coalesce(sum(over_tls), 0)::float8 as tls, coalesce(sum(size_bytes), 0)::float8 as bytes,
      coalesce(sum((select sum(value::bigint) from jsonb_each_text(latencies))), 0)::float8 as latencies
      from delivery_${table}`,
  );
  return rows[0] ?? { attempts: 0, first: 0, tls: 0, bytes: 0, latencies: 0 };
}
const readAttempts = async () => [
  (await readSum("minutes")).attempts,
  (await readSum("hours")).attempts,
  (await readSum("days")).attempts,
];
const countPending = async () =>
  (await t.database.admin.pool.query("select count(*)::int as count from delivery_pending")).rows[0].count;

test("a page says when hours and days stand still, of which servers, and no more once they go on", async () => {
  const later = () => {
    t.clock.now = new Date(t.clock.now.getTime() + 5 * 60_000);
  };
  await rollUp();
  expect(await getCountsBehind(t.owner)).toEqual({ allSince: null, servers: [] });
  const stoodAt = t.owner.now();
  later();
  expect(await getCountsBehind(t.owner)).toEqual({ allSince: stoodAt, servers: [] });
  await t.database.admin.pool.query(
    `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$;
     create trigger refuse before insert on delivery_hours for each row execute function refuse()`,
  );
  await tell([count]);
  expect(await rollUp()).toMatchObject([{ serverId: t.serverId }]);
  expect(await getCountsBehind(t.owner)).toEqual({ allSince: null, servers: [] });
  const since = t.owner.now();
  later();
  await rollUp();
  expect(await getCountsBehind(t.owner)).toMatchObject({
    allSince: null,
    servers: [{ id: t.serverId, since }],
  });
  await t.database.admin.pool.query("drop trigger refuse on delivery_hours");
  await rollUp();
  expect(await getCountsBehind(t.owner)).toEqual({ allSince: null, servers: [] });
});

test("hours and days follow the minutes once they are added up, and once more changes nothing", async () => {
  await tell([count, { ...count, minute: at - 3_600_000 }]);
  await tell([count]);
  expect(await readAttempts()).toEqual([6, 0, 0]);
  expect(await rollUp()).toEqual([]);
  expect(await readAttempts()).toEqual([6, 6, 6]);
  expect(await rollUp()).toEqual([]);
  expect(await readAttempts()).toEqual([6, 6, 6]);
  expect(await countPending()).toBe(0);
});

test("whatever is told while whoever adds up, several at once, minutes, hours and days hold the same", async () => {
  const told = fc.record({
    minute: fc.integer({ min: 0, max: 6 * 24 * 60 }).map((minutes) => at - minutes * 60_000),
    domain: fc.constantFrom("a.example", "b.example"),
    attempts: fc.integer({ min: 1, max: 9 }),
    latencies: fc.dictionary(fc.constantFrom("3", "40", "41"), fc.integer({ min: 1, max: 9 })),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(told, { maxLength: 8 }), { minLength: 1, maxLength: 8 }),
      async (batches) => {
        const counts = batches.map((batch) => batch.map((one) => ({ ...count, ...one })));
        const answers = await Promise.all(counts.flatMap((batch) => [tell(batch), rollUp()]));
        for (const answer of answers) expect(answer).not.toHaveProperty("0");
        await Promise.all([rollUp(), rollUp()]);
        const minutes = await readSum("minutes");
        expect(await readSum("hours")).toEqual(minutes);
        expect(await readSum("days")).toEqual(minutes);
      },
    ),
    { numRuns: 8 },
  );
});

test.each(["delivery_hours", "delivery_days"])(
  "whoever dies while it adds to %s has added nothing, and what waits is added once",
  async (table) => {
    await tell([count]);
    await rollUp();
    await tell([count]);
    const { pool } = t.database.admin;
    const holder = await pool.connect();
    try {
      await holder.query("begin");
      await holder.query(`lock table ${table} in access exclusive mode`);
      const broken = rollUp().catch((error: unknown) => [error]);
      const { rows } = await vi.waitFor(async () => {
        const waiting = await pool.query<{ pid: number }>(
          "select pid from pg_locks where not granted and relation = $1::regclass",
          [table],
        );
        expect(waiting.rows).toHaveLength(1);
        return waiting;
      });
      // The line breaks as it does where Postgres or the worker is killed. Whoever tries again waits for the table too.
      await pool.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
      await vi.waitFor(async () => {
        const again = await pool.query<{ pid: number }>(
          "select pid from pg_locks where not granted and relation = $1::regclass and pid <> $2",
          [table, rows[0]?.pid],
        );
        expect(again.rows).toHaveLength(1);
        await pool.query("select pg_terminate_backend($1)", [again.rows[0]?.pid]);
      });
      expect(await broken).toHaveLength(1);
    } finally {
      await holder.query("rollback");
      holder.release();
    }
    expect(await readAttempts()).toEqual([4, 2, 2]);
    expect(await countPending()).toBe(1);
    expect(await rollUp()).toEqual([]);
    expect(await readAttempts()).toEqual([4, 4, 4]);
  },
);

test("what waits is added to its hour and day when the minutes that it came with are gone, and so is what was never a minute", async () => {
  await tell([count]);
  t.clock.now = new Date(at + 12 * dayMs);
  await keepDeliveryPartitions(t.system);
  expect(await readAttempts()).toEqual([0, 0, 0]);
  // An agent that could not tell for long tells of the same hour, and of a year ago.
  await tell([count, { ...count, minute: at - 300 * dayMs }]);
  expect(await rollUp()).toEqual([]);
  expect(await readAttempts()).toEqual([0, 4, 6]);
});

test("what cannot be added waits, and holds up no other server", async () => {
  const { serverId } = await addServer(t.owner, {
    tenantId: t.tenantId,
    name: "mail2",
    hostname: "mail2.msp.example",
  });
  await tell([count]);
  await rollUp();
  // More than a day's sum can hold.
  await t.database.admin.pool.query("update delivery_days set over_tls = 9223372036854775807");
  await tell([count]);
  await tell([count], serverId);
  await tell([count]);
  expect(await rollUp()).toEqual([{ serverId: t.serverId, cause: expect.any(Error) }]);
  expect(await readAttempts()).toEqual([8, 4, 4]);
  expect(await countPending()).toBe(2);
  await t.database.admin.pool.query("update delivery_days set over_tls = 4");
  expect(await rollUp()).toEqual([]);
  expect(await readAttempts()).toEqual([8, 8, 8]);
});

test("bytes that no number holds stop at the most that one does, and nothing waits for that", async () => {
  await tell([count]);
  await rollUp();
  await t.database.admin.pool.query("update delivery_days set size_bytes = 9223372036854775807");
  await tell([count]);
  expect(await rollUp()).toEqual([]);
  expect(await readAttempts()).toEqual([4, 4, 4]);
});

test("durations of many buckets add up as those of few do", async () => {
  const wide = Object.fromEntries(Array.from({ length: 205 }, (_, bucket) => [String(bucket), bucket + 1]));
  const attempts = Object.values(wide).reduce((total, one) => total + one, 0);
  for (const latencies of [wide, { "3": 7, "100": 1 }, wide])
    await tell([{ ...count, attempts, firstAttempts: attempts, overTls: attempts, latencies }]);
  await rollUp();
  await tell([{ ...count, attempts, firstAttempts: attempts, overTls: attempts, latencies: wide }]);
  await rollUp();
  const { rows } = await t.database.admin.pool.query("select latencies from delivery_days");
  const expected = Object.fromEntries(Object.entries(wide).map(([bucket, one]) => [bucket, one * 3]));
  expect(rows).toEqual([{ latencies: { ...expected, "3": 4 * 3 + 7, "100": 101 * 3 + 1 } }]);
});

test("what a host told in very many batches is added whole, beside what others told", async () => {
  const { serverId } = await addServer(t.owner, {
    tenantId: t.tenantId,
    name: "mail2",
    hostname: "mail2.msp.example",
  });
  for (let batch = 0; batch < 45; batch += 1) await tell([count]);
  await tell([count], serverId);
  expect(await rollUp()).toEqual([]);
  expect(await readAttempts()).toEqual([92, 92, 92]);
  expect(await countPending()).toBe(0);
});

test("a server that is removed while it waits takes what waits with it", async () => {
  await tell([count]);
  await Promise.all([rollUp(), removeServer(t.owner, { serverId: t.serverId }), rollUp()]);
  expect(await countPending()).toBe(0);
  expect(await rollUp()).toEqual([]);
  expect(await readAttempts()).toEqual([0, 0, 0]);
});

test("a gateway takes nothing away that waits, and reads none of it", async () => {
  await tell([count]);
  for (const wish of ["delete from delivery_pending", "select * from delivery_pending"])
    await expect(t.database.gateway.pool.query(wish), wish).rejects.toMatchObject({ code: "42501" });
  expect(await countPending()).toBe(1);
});

test("what a gateway of the version before adds to hours and days itself counts beside what waits", async () => {
  await tell([count]);
  const { serverId, organisationId, tenantId } = t;
  for (const [period, startsAt] of [
    ["minutes", "2026-11-20T11:58:00Z"],
    ["hours", "2026-11-20T11:00:00Z"],
    ["days", "2026-11-20T00:00:00Z"],
  ] as const)
    await t.database.gateway.pool.query(
      `select add_delivery_${period}(array[$1::uuid], array[$2::uuid], array[$3::uuid], array[$4::timestamptz], '{outbound}', '{a.example}',
        '{192.0.2.1}', '{gmail}', '{sent}', '{""}', '{2}', '{1}', '{2}', '{900}', array['{"40": 2}'::jsonb])`,
      [serverId, organisationId, tenantId, startsAt],
    );
  expect(await rollUp()).toEqual([]);
  expect(await readAttempts()).toEqual([4, 4, 4]);
});
