import { randomUUID } from "node:crypto";
import { makeAgent } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ConnectionOverError } from "../context/index.ts";
import { keepDeliveryPartitions, rollUpDeliveries } from "../delivery/index.ts";
import { addServer } from "../servers/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { openTelemetryIntake } from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
let hosts: readonly { serverId: string; agentId: string; epoch: string }[];
const at = Date.parse("2026-11-20T11:58:00Z");
const count = {
  minute: at,
  direction: "outbound",
  domain: "a.example",
  sendingAddress: "192.0.2.1",
  provider: "gmail",
  status: "sent",
  category: null,
  attempts: 1,
  firstAttempts: 1,
  overTls: 1,
  sizeBytes: 900,
  latencies: { "40": 1 },
};
/** Larger than any number that Postgres can note. */
const unstorable = 2 ** 64;

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared, hasAgent: false });
  await keepDeliveryPartitions(t.system);
  const made = [];
  for (const name of ["one", "two", "three", "four", "five"]) {
    const { organisationId, tenantId } = t;
    const { serverId } = await addServer(t.owner, { tenantId, name, hostname: `${name}.msp.example` });
    const agent = await makeAgent(t.database.admin, { organisationId, tenantId, serverId });
    made.push({ serverId, agentId: agent.id, epoch: randomUUID() });
  }
  hosts = made;
  return () => t.close();
});
afterAll(() => shared.close());

/** Attempts by server, in the order of the hosts. */
async function readAttempts(table: string): Promise<number[]> {
  expect(await rollUpDeliveries(t.system)).toEqual([]);
  const { rows } = await t.database.admin.pool.query<{ server_id: string; attempts: string }>(
    `select server_id, sum(attempts) as attempts from ${table} group by server_id`,
  );
  const found = new Map(rows.map((row) => [row.server_id, Number(row.attempts)]));
  return hosts.map(({ serverId }) => found.get(serverId) ?? 0);
}

test("what many hosts tell at once, some of it twice, counts once for each", async () => {
  const intake = openTelemetryIntake();
  const tell = async ({ serverId, epoch }: (typeof hosts)[number]): Promise<void> => {
    for (let sequence = 1; sequence <= 8; sequence += 1) {
      const telemetry = {
        serverId,
        stream: "delivery",
        epoch,
        sequence,
        batch: { counts: [count], samples: [] },
      } as const;
      const answers = await Promise.all([
        intake.store(t.gateway, telemetry),
        intake.store(t.gateway, telemetry),
      ]);
      expect(answers).toEqual(Array(2).fill({ storedSequence: sequence, problem: null }));
    }
  };
  await Promise.all(hosts.map(tell));
  for (const table of ["delivery_minutes", "delivery_hours", "delivery_days"])
    expect(await readAttempts(table)).toEqual([8, 8, 8, 8, 8]);
});

test("what one host tells and nobody can store, and a connection that is over, hold up nobody else", async () => {
  const intake = openTelemetryIntake();
  await t.database.admin.pool.query("update agents set session_counter = 3");
  const answers = await Promise.allSettled(
    // The first ones are under way alone while the others gather.
    [0, 1, 2, ...hosts.keys()].map((host, place) => {
      const { serverId = "", agentId = "", epoch = "" } = hosts[host] ?? {};
      const connection = { agentId, sessionCounter: place >= 3 && host === 3 ? 2 : 3 };
      const sequence = place < 3 ? 1 : host === 4 ? unstorable : 2;
      return intake.store(
        { ...t.gateway, connection },
        { serverId, stream: "delivery", epoch, sequence, batch: { counts: [count], samples: [] } },
      );
    }),
  );
  const [, , , one, two, three, replaced, bad] = answers;
  for (const answer of [one, two, three]) expect(answer).toMatchObject({ value: { storedSequence: 2 } });
  expect(replaced).toMatchObject({ status: "rejected", reason: expect.any(ConnectionOverError) });
  expect(bad).toMatchObject({ status: "rejected" });
  expect(bad).not.toMatchObject({ reason: expect.any(ConnectionOverError) });
  expect(await readAttempts("delivery_days")).toEqual([2, 2, 2, 0, 0]);
});

test("what a host tells later does not overtake what it told before", async () => {
  const intake = openTelemetryIntake();
  // The first two are under way alone while the others gather, one of which cannot be stored.
  const told = [0, 1, 2, 4, 2, 2].map((host, place) => ({
    serverId: hosts[host]?.serverId ?? "",
    stream: "delivery" as const,
    epoch: hosts[host]?.epoch ?? "",
    sequence: host === 4 ? unstorable : Math.max(1, place - 2),
    batch: { counts: [count], samples: [] },
  }));
  const answers = await Promise.allSettled(told.map((telemetry) => intake.store(t.gateway, telemetry)));
  expect(answers.filter(({ status }) => status === "rejected")).toHaveLength(1);
  expect(await readAttempts("delivery_days")).toEqual([1, 1, 3, 0, 0]);
});
