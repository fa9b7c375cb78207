import { auditEntries, jobs, newId, servers } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addServer } from "../servers/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { changeQueue, deleteQueued, getQueueChange, getQueuePage, listQueues, readQueue } from "./index.ts";

let t: ServerTest;
let offlineId: string;
beforeAll(async () => {
  t = await openServerTest();
  const { tenantId } = t;
  offlineId = (await addServer(t.owner, { tenantId, name: "mail2", hostname: "mail2.msp.example" })).serverId;
  const gatewayId = newId(t.clock.now);
  await t.database.admin.pool.query(
    "insert into gateways (id, name, started_at, heartbeat_at) values ($1, 'g', now(), now())",
    [gatewayId],
  );
  await t.database.admin.query
    .update(servers)
    .set({ gatewayId, enrolmentState: "enrolled" })
    .where(eq(servers.id, t.serverId));
});
afterAll(() => t.close());

const jobRow = async (jobId: string) =>
  (await t.database.admin.query.select().from(jobs).where(eq(jobs.id, jobId)))[0];
const matching = {
  kind: "matching",
  filter: { sender: "eve@a.example", category: "rate-limit", arrivedUntil: 5 },
  countMax: 312,
} as const;
const selected = { kind: "selected" as const, messages: [{ queueId: "4AAAA1", arrivedAt: 1 }] };

test("a queue is read by a job beside all changes, and its page goes to whoever asked", async () => {
  const { jobId } = await readQueue(t.as("technician"), { serverId: t.serverId, filter: { queue: "hold" } });
  expect(await jobRow(jobId)).toMatchObject({
    verb: "read-queue",
    lane: "diagnostic",
    args: { filter: { queue: "hold" }, skip: 0, limit: 100, visibleDomains: null },
  });
  expect(await getQueuePage(t.owner, { jobId })).toEqual({ kind: "waiting" });
  const result = {
    readAt: 1,
    total: 0,
    matching: 0,
    queues: [],
    providers: [],
    categories: [],
    domains: [],
    messages: [],
  };
  await t.database.admin.query
    .update(jobs)
    .set({ state: "succeeded", outcome: { kind: "succeeded", result }, endedAt: t.clock.now })
    .where(eq(jobs.id, jobId));
  expect(await getQueuePage(t.owner, { jobId })).toEqual({ kind: "answered", result });
  await expect(getQueueChange(t.owner, { jobId })).rejects.toMatchObject({ kind: "not-found" });
  await expect(getQueuePage(await t.makeStranger(), { jobId })).rejects.toMatchObject({ kind: "not-found" });
});

test("a change says in the audit how many and by which filter, and not whose", async () => {
  await deleteQueued(t.as("admin"), { serverId: t.serverId, target: matching });
  await changeQueue(t.as("technician"), { serverId: t.serverId, action: "hold", target: selected });
  const entries = await t.database.admin.query.select().from(auditEntries);
  const told = entries.filter(({ action }) => action.endsWith("-queued-mail"));
  expect(told).toMatchObject([
    {
      action: "delete-queued-mail",
      after: { atMost: 312, filter: { category: "rate-limit", sender: true, arrivedUntil: 5 } },
    },
    { action: "hold-queued-mail", after: { selected: 1 } },
  ]);
  expect(JSON.stringify(told)).not.toContain("eve@");
});

test("mail is deleted by admins only, and what goes to a host is bounded and typed", async () => {
  const order = { serverId: t.serverId, target: selected };
  await expect(deleteQueued(t.as("technician"), order)).rejects.toMatchObject({ kind: "forbidden" });
  await expect(changeQueue(t.as("auditor"), { ...order, action: "hold" })).rejects.toMatchObject({
    kind: "forbidden",
  });
  const hostile = [
    { action: "delete", target: selected },
    { action: "hold", target: { kind: "selected", messages: [{ queueId: "-d ALL", arrivedAt: 1 }] } },
    { action: "hold", target: { kind: "selected", messages: [] } },
    { action: "hold", target: { ...matching, filter: {} } },
  ];
  for (const each of hostile)
    await expect(
      changeQueue(t.as("technician"), { serverId: t.serverId, ...each } as never),
    ).rejects.toMatchObject({ kind: "invalid" });
});

test("a server that is offline is neither asked nor told to do anything later", async () => {
  await expect(readQueue(t.owner, { serverId: offlineId })).rejects.toMatchObject({
    kind: "precondition-failed",
    message:
      "mail2 is not connected now, so its queue can neither be read nor changed. Try again when it is back.",
  });
});

test("the queues of the fleet are listed with the latest mail first, and what nobody knows last", async () => {
  const { tenantId } = t;
  const third = (await addServer(t.owner, { tenantId, name: "mail3", hostname: "mail3.msp.example" }))
    .serverId;
  const tell = (serverId: string, facts: object | null) =>
    t.database.admin.pool.query("update servers set facts = $2, install_requested_at = now() where id = $1", [
      serverId,
      facts,
    ]);
  await tell(t.serverId, { queueSizeMessages: 900, queueLateMessages: 2, queueOldestAtUnixMs: 1 });
  await tell(offlineId, null);
  await tell(third, { queueSizeMessages: 12, queueLateMessages: 9, queueOldestAtUnixMs: null });
  expect(await listQueues(t.as("auditor"))).toMatchObject([
    { serverName: "mail3", waiting: 12, late: 9, oldestAt: null, isConnected: false },
    { serverName: "mail1", waiting: 900, late: 2, oldestAt: new Date(1), isConnected: true },
    { serverName: "mail2", waiting: null },
  ]);
});
