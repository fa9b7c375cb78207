import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Delivery } from "@mailstead/core/jobs";
import { findRedisServer, openTestDatabase, startTestRedis, type TestDatabase } from "@mailstead/db/testing";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type DeliveryQueue, openDeliveryConsumer, openDeliveryQueue, type QueueAddress } from "../index.ts";

interface RunningBackend {
  /** As the worker reaches it. */
  address: QueueAddress;
  /** As a gateway reaches it. */
  gatewayAddress: QueueAddress;
  /** Loses everything that the queue holds. */
  wipe(): Promise<void>;
  breakConnections(): Promise<void>;
  stop(): Promise<void>;
}

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

async function startPostgres(): Promise<RunningBackend> {
  const worker = await openDeliveryQueue({ databaseUrl: database.systemUrl }, () => undefined);
  await worker.close();
  return {
    address: { databaseUrl: database.systemUrl },
    gatewayAddress: { databaseUrl: database.gatewayUrl },
    async wipe() {
      const { rows } = await database.admin.pool.query<{ tables: string }>(
        "select string_agg(format('mailstead_queue.%I', tablename), ', ') as tables from pg_tables where schemaname = 'mailstead_queue' and tablename <> 'migration'",
      );
      // The queue is at work meanwhile, and Postgres breaks a deadlock at the cost of either side.
      await vi.waitFor(() => database.admin.pool.query(`truncate ${rows[0]?.tables}`));
    },
    async breakConnections() {
      await database.admin.pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user and datname = current_database()",
      );
    },
    stop: async () => undefined,
  };
}

async function startRedis(): Promise<RunningBackend> {
  const server = await startTestRedis();
  const admin = new Redis(server.url);
  return {
    address: { databaseUrl: database.systemUrl, redisUrl: server.url },
    gatewayAddress: { databaseUrl: database.gatewayUrl, redisUrl: server.url },
    wipe: async () => void (await admin.flushall()),
    breakConnections: async () =>
      void (await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")),
    async stop() {
      admin.disconnect();
      await server.stop();
    },
  };
}

const isRedisHere = findRedisServer() !== null;
const backends = [
  { name: "Postgres", start: startPostgres, isHere: true },
  {
    name: `Redis${isRedisHere ? "" : " (skipped: redis-server is missing)"}`,
    start: startRedis,
    isHere: isRedisHere,
  },
];

describe.each(backends)("the queue of deliveries on $name", ({ start, isHere }) => {
  let backend: RunningBackend;
  beforeAll(async () => {
    if (isHere) backend = await start();
  });
  afterAll(() => backend?.stop());

  const openQueue = async (): Promise<DeliveryQueue> => {
    const queue = await openDeliveryQueue(backend.address, () => undefined);
    onTestFinished(() => queue.close());
    return queue;
  };
  const consume = async (gatewayId: string, deliver: (delivery: Delivery) => Promise<void>) => {
    const consumer = await openDeliveryConsumer(backend.gatewayAddress, {
      gatewayId,
      deliver,
      onProblem: () => undefined,
    });
    onTestFinished(() => consumer.close());
  };
  const makeDelivery = (): Delivery => ({ jobId: randomUUID(), serverId: randomUUID() });

  it.runIf(isHere)("carries a delivery to the gateway it is meant for, and to no other", async () => {
    const queue = await openQueue();
    const [here, there] = [randomUUID(), randomUUID()];
    const heard: Delivery[] = [];
    const misled: Delivery[] = [];
    await consume(here, async (delivery) => void heard.push(delivery));
    await consume(there, async (delivery) => void misled.push(delivery));
    const deliveries = [makeDelivery(), makeDelivery(), makeDelivery()];
    await queue.add(here, deliveries);
    await vi.waitFor(() => expect(heard.toSorted(byJob)).toEqual(deliveries.toSorted(byJob)));
    expect(misled).toEqual([]);
  });

  it.runIf(isHere)("keeps what was added before the gateway came", async () => {
    const queue = await openQueue();
    const gatewayId = randomUUID();
    const delivery = makeDelivery();
    await queue.add(gatewayId, [delivery]);
    expect(await queue.countWaiting(gatewayId)).toBe(1);
    const heard: Delivery[] = [];
    await consume(gatewayId, async (delivered) => void heard.push(delivered));
    await vi.waitFor(() => expect(heard).toEqual([delivery]));
    expect(await queue.countWaiting(gatewayId)).toBe(0);
  });

  it.runIf(isHere)("carries many at once, so that one silent agent holds up nobody", async () => {
    const queue = await openQueue();
    const gatewayId = randomUUID();
    const silent = Promise.withResolvers<void>();
    const first = makeDelivery();
    const heard: Delivery[] = [];
    await consume(gatewayId, async (delivery) => {
      if (delivery.jobId === first.jobId) return silent.promise;
      heard.push(delivery);
    });
    const others = Array.from({ length: 20 }, makeDelivery);
    await queue.add(gatewayId, [first, ...others]);
    try {
      await vi.waitFor(() => expect(heard).toHaveLength(20));
    } finally {
      silent.resolve();
    }
  });

  it.runIf(isHere)("tries again when the gateway fails to carry", async () => {
    const queue = await openQueue();
    const gatewayId = randomUUID();
    let attempts = 0;
    await consume(gatewayId, async () => {
      attempts += 1;
      if (attempts < 3) throw new Error("the database was away");
    });
    await queue.add(gatewayId, [makeDelivery()]);
    await vi.waitFor(() => expect(attempts).toBe(3));
  });

  it.runIf(isHere)("works on after everything in it was lost and after its connections broke", async () => {
    const queue = await openQueue();
    const gatewayId = randomUUID();
    const heard: Delivery[] = [];
    await consume(gatewayId, async (delivery) => void heard.push(delivery));
    await backend.wipe();
    const afterWipe = makeDelivery();
    await queue.add(gatewayId, [afterWipe]);
    await vi.waitFor(() => expect(heard).toContainEqual(afterWipe));
    await backend.breakConnections();
    const afterBreak = makeDelivery();
    await vi.waitFor(
      async () => {
        await queue.add(gatewayId, [afterBreak]);
        await vi.waitFor(() => expect(heard).toContainEqual(afterBreak));
      },
    );
  });

  it.runIf(isHere)(
    "names the gateways that it holds anything for, until their queue is removed",
    async () => {
      const [adding, other] = [await openQueue(), await openQueue()];
      const [waiting, gone] = [randomUUID(), randomUUID()];
      for (const gatewayId of [waiting, gone]) await adding.add(gatewayId, [makeDelivery()]);
      expect(await other.listGatewayIds()).toEqual(expect.arrayContaining([waiting, gone]));
      await other.remove(gone);
      const listed = await adding.listGatewayIds();
      expect(listed).toContain(waiting);
      expect(listed).not.toContain(gone);
    },
  );

  it.runIf(isHere)("forgets the queue of a gateway that will not come back", async () => {
    const queue = await openQueue();
    const gatewayId = randomUUID();
    await queue.add(gatewayId, [makeDelivery()]);
    await queue.remove(gatewayId);
    const heard: Delivery[] = [];
    await consume(gatewayId, async (delivery) => void heard.push(delivery));
    const after = makeDelivery();
    await queue.add(gatewayId, [after]);
    await vi.waitFor(() => expect(heard).toEqual([after]));
  });
});

it("waits, as a gateway that is started first, until a worker has made the queue's tables", async () => {
  const empty = await openTestDatabase();
  onTestFinished(() => empty.close());
  const consumer = openDeliveryConsumer(
    { databaseUrl: empty.gatewayUrl },
    { gatewayId: randomUUID(), deliver: async () => undefined, onProblem: () => undefined },
  );
  const waited = await Promise.race([consumer, wait(300, "still waits")]);
  expect(waited).toBe("still waits");
  const queue = await openDeliveryQueue({ databaseUrl: empty.systemUrl }, () => undefined);
  await (await consumer).close();
  await queue.close();
});

function byJob(a: Delivery, b: Delivery): number {
  return a.jobId.localeCompare(b.jobId);
}
