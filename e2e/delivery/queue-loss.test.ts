import { findRedisServer, startTestRedis } from "@mailstead/db/testing";
import { restartService } from "@mailstead/services/servers";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { SimulatedAgent } from "../fleet-sim/agent.ts";
import { readJob, untilJob } from "./look.ts";
import { type GatewayPart, openPlant, type Part, type Plant } from "./plant.ts";
import { wipePostgresQueue } from "./wipe-queue.ts";

interface QueueUnderTest {
  readonly redisUrl?: string;
  /** How many deliveries wait for a gateway. */
  count(plant: Plant, gatewayId: string): Promise<number>;
  /** Loses everything that the queue holds. */
  wipe(plant: Plant): Promise<void>;
  /** Makes the queue stop answering until what is returned is called. */
  block(plant: Plant): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

async function postgresQueue(): Promise<QueueUnderTest> {
  return {
    async count({ database }, gatewayId) {
      const { rowCount } = await database.admin.pool.query(
        "select from mailstead_queue.job where queue = $1",
        [`deliver-${gatewayId}`],
      );
      return rowCount ?? 0;
    },
    wipe: ({ database }) => wipePostgresQueue(database),
    async block({ database }) {
      const client = new pg.Client({ connectionString: database.adminUrl });
      await client.connect();
      await client.query("begin; lock table mailstead_queue.job in access exclusive mode");
      return () => client.end();
    },
    stop: async () => undefined,
  };
}

async function redisQueue(): Promise<QueueUnderTest> {
  const server = await startTestRedis();
  return {
    redisUrl: server.url,
    async count(_plant, gatewayId) {
      const [, count] = (await server.command(`LLEN mailstead:deliver-${gatewayId}:wait`)).split(":");
      return Number(count);
    },
    wipe: async () => void (await server.command("FLUSHALL")),
    async block() {
      server.signal("SIGSTOP");
      return async () => server.signal("SIGCONT");
    },
    stop: () => server.stop(),
  };
}

/** Waits until nobody asks Postgres anything, twice in a row. */
async function untilIdle({ database }: Plant): Promise<void> {
  let idleTimes = 0;
  await vi.waitFor(async () => {
    const { rowCount } = await database.admin.pool.query(
      "select from pg_stat_activity where datname = current_database() and usename in ('mailstead_system', 'mailstead_gateway') and (state <> 'idle' or state_change > now() - interval '300 ms')",
    );
    idleTimes = rowCount === 0 ? idleTimes + 1 : 0;
    expect(idleTimes).toBe(2);
  }, 10_000);
}

const isRedisHere = findRedisServer() !== null;
const queues = [
  { name: "Postgres", open: postgresQueue, isHere: true },
  {
    name: `Redis${isRedisHere ? "" : " (skipped: redis-server is missing)"}`,
    open: redisQueue,
    isHere: isRedisHere,
  },
];

describe.each(queues)("with the queue on $name", ({ open, isHere }) => {
  let queue: QueueUnderTest;
  let plant: Plant;
  let gateway: GatewayPart;
  let worker: Part;
  let agent: SimulatedAgent;
  beforeAll(async () => {
    if (!isHere) return;
    queue = await open();
    plant = await openPlant(queue.redisUrl === undefined ? {} : { redisUrl: queue.redisUrl });
    gateway = await plant.startGateway();
    worker = await plant.startWorker();
    agent = await plant.addAgent();
    agent.start();
    await vi.waitFor(() => expect(agent.isConnected).toBe(true));
  });
  afterAll(async () => {
    await plant?.stop();
    await queue?.stop();
  });

  const restart = async (): Promise<string> => {
    const { serverId } = agent.identity;
    return (await restartService(plant.owner, { serverId, service: "postfix" })).jobId;
  };

  it.runIf(isHere)("a job is delivered and run once", async () => {
    const jobId = await restart();
    await untilJob(plant, jobId, "succeeded");
    expect(agent.startsOf(jobId)).toBe(1);
  });

  it.runIf(isHere)("a delivery that was wiped out of the queue is found again", async () => {
    // A gateway that stands still leaves the entry in the queue; what it still does for the last job must be over.
    await vi.waitFor(() => expect(agent.journal.open.size).toBe(0));
    await untilIdle(plant);
    gateway.signal("SIGSTOP");
    const jobId = await restart();
    await vi.waitFor(async () => expect(await queue.count(plant, gateway.gatewayId)).toBe(1), 10_000);
    await queue.wipe(plant);
    expect(await queue.count(plant, gateway.gatewayId)).toBe(0);
    gateway.signal("SIGCONT");
    expect((await readJob(plant, jobId)).state).toBe("queued");
    await untilJob(plant, jobId, "succeeded");
    expect(agent.startsOf(jobId)).toBe(1);
  });

  it.runIf(isHere)(
    "a job whose worker is killed between signing and enqueueing is delivered by the next",
    async () => {
      const unblock = await queue.block(plant);
      onTestFinished(() => unblock());
      const jobId = await restart();
      await vi.waitFor(async () => expect((await readJob(plant, jobId)).isSigned).toBe(true), 10_000);
      expect((await plant.database.admin.pool.query("select from outbox")).rowCount).toBe(0);
      await worker.kill("SIGKILL");
      await unblock();
      worker = await plant.startWorker();
      await untilJob(plant, jobId, "succeeded");
      expect(agent.startsOf(jobId)).toBe(1);
    },
  );
});
