import { findRedisServer, openTestDatabase, startTestRedis, type TestDatabase } from "@mailstead/db/testing";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Bus, type BusAddress, openBus } from "./bus.ts";
import { jobChannel, serverChannel, serversChannel } from "./channels.ts";

interface Backend {
  start(): Promise<{ address: BusAddress; breakConnections(): Promise<void>; stop(): Promise<void> }>;
}

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const postgres: Backend = {
  start: async () => ({
    address: { databaseUrl: database.systemUrl },
    breakConnections: async () => {
      await database.admin.pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mailstead-bus' and datname = current_database()",
      );
    },
    stop: async () => undefined,
  }),
};

const redis: Backend = {
  start: async () => {
    const server = await startTestRedis();
    const admin = new Redis(server.url);
    return {
      address: { databaseUrl: database.systemUrl, redisUrl: server.url },
      breakConnections: async () => {
        await admin.call("CLIENT", "KILL", "TYPE", "pubsub");
        await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      },
      stop: async () => {
        admin.disconnect();
        await server.stop();
      },
    };
  },
};

const isRedisHere = findRedisServer() !== null;
const backends = [
  { name: "Postgres", backend: postgres, isHere: true },
  {
    name: `Redis${isRedisHere ? "" : " (skipped: redis-server is missing)"}`,
    backend: redis,
    isHere: isRedisHere,
  },
];

describe.each(backends)("the bus on $name", ({ backend, isHere }) => {
  let running: Awaited<ReturnType<Backend["start"]>>;
  beforeAll(async () => {
    if (isHere) running = await backend.start();
  });
  afterAll(() => running?.stop());

  const open = async (): Promise<Bus> => {
    const bus = await openBus(running.address);
    onTestFinished(() => bus.close());
    return bus;
  };

  it.runIf(isHere)(
    "carries a payload to every process that listens to its channel, and to no other",
    async () => {
      const [a, b, c] = [await open(), await open(), await open()];
      const heard: string[] = [];
      await b.subscribe(jobChannel("1"), (payload) => heard.push(`b${payload}`));
      await c.subscribe(jobChannel("1"), (payload) => heard.push(`c${payload}`));
      await c.subscribe(jobChannel("2"), (payload) => heard.push(`other${payload}`));
      await a.publish(jobChannel("1"), "7");
      await vi.waitFor(() => expect(heard.toSorted()).toEqual(["b7", "c7"]));
    },
  );

  it.runIf(isHere)("tells no subscriber that it hears before its channel is listened to", async () => {
    const bus = await open();
    const told: string[] = [];
    const subscribe = async (name: string) => {
      await bus.subscribe(jobChannel("5"), () => undefined);
      told.push(name);
    };
    // The second one finds the channel known, although nothing has reached the server yet.
    await Promise.all([subscribe("first"), subscribe("second")]);
    expect(told).toEqual(["first", "second"]);
  });

  it.runIf(isHere)(
    "stops carrying to a handler that closed its subscription, and goes on for the others",
    async () => {
      const bus = await open();
      const heard: string[] = [];
      const first = await bus.subscribe(serverChannel("1"), (payload) => heard.push(`first ${payload}`));
      const second = await bus.subscribe(serverChannel("1"), (payload) => heard.push(`second ${payload}`));
      await first.close();
      await bus.publish(serverChannel("1"), "x");
      await vi.waitFor(() => expect(heard).toEqual(["second x"]));
      await second.close();
      const again = await bus.subscribe(serverChannel("1"), (payload) => heard.push(`again ${payload}`));
      await bus.publish(serverChannel("1"), "y");
      await vi.waitFor(() => expect(heard).toEqual(["second x", "again y"]));
      await again.close();
    },
  );

  it.runIf(isHere)(
    "tells every listener to look again after it lost its connection, and carries on",
    async () => {
      const bus = await open();
      const other = await open();
      const heard: string[] = [];
      await bus.subscribe(jobChannel("3"), (payload) => heard.push(payload));
      await running.breakConnections();
      await vi.waitFor(() => expect(heard).toEqual([""]));
      await vi.waitFor(
        async () => {
          await other.publish(jobChannel("3"), "after");
          expect(heard).toContain("after");
        },
      );
    },
  );

  it.runIf(isHere)("tells who follows all servers which one a wake-up was for", async () => {
    const [a, b] = [await open(), await open()];
    const heard: string[] = [];
    await b.subscribe(serversChannel, (payload) => heard.push(payload));
    await a.publish(jobChannel("5"), "");
    await a.publish(serverChannel("5"), "");
    await a.publish(serverChannel("6"), "");
    await vi.waitFor(() => expect(heard).toEqual(["5", "6"]));
  });

  it.runIf(isHere)("never rejects a wake-up that it cannot send", async () => {
    const problems: Error[] = [];
    const bus = await openBus({ ...running.address, onProblem: (problem) => problems.push(problem) });
    await bus.close();
    await bus.publish(jobChannel("4"), "x");
    expect(problems.at(-1)?.message).toBe("A wake-up for job:4 was not sent.");
  });
});
