import { generateKeyPairSync } from "node:crypto";
import { jobs } from "@mailstead/db";
import { makeAgent, makeGateway, makeServer } from "@mailstead/db/factories";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { recoverDeadGateways } from "../gateways/index.ts";
import { restartService, unbanAddress } from "../servers/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import {
  expireJobs,
  findLostDeliveries,
  getJob,
  makeJobSigner,
  readJobEvents,
  recordAccepted,
  recordEnded,
  recordJournal,
  recordProgress,
  relayOutbox,
  repairOutbox,
  returnLostDeliveries,
  takeJobForDelivery,
} from "./index.ts";

const signer = makeJobSigner(
  generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
);
let t: ServiceTest;
let gatewayId: string;
let serverId: string;

beforeAll(async () => {
  t = await openServiceTest();
});
afterAll(() => t.close());
beforeEach(async () => {
  const owned = { organisationId: t.organisationId, tenantId: t.tenantId };
  gatewayId = (await makeGateway(t.database.admin, { heartbeatAt: t.clock.now })).id;
  serverId = (await makeServer(t.database.admin, { ...owned, gatewayId })).id;
  await makeAgent(t.database.admin, { ...owned, serverId });
});

const ask = async () => (await restartService(t.owner, { serverId, service: "postfix" })).jobId;
const relay = () => relayOutbox(t.system, { signer, limit: 100 });
const take = (jobId: string, by = gatewayId) =>
  takeJobForDelivery(t.gateway, { jobId, serverId, gatewayId: by });
const stateOf = async (jobId: string) => (await getJob(t.owner, { jobId })).state;
const line = (number: number) => ({
  number,
  atUnixMs: t.clock.now.getTime(),
  body: { kind: "log" as const, level: "info" as const, text: `line ${number}` },
});
/** A job that an agent has accepted. */
const accepted = async () => {
  const jobId = await ask();
  await relay();
  await take(jobId);
  await recordAccepted(t.gateway, { jobId, serverId, gatewayId });
  return jobId;
};
const later = (ms: number) => ({ ...t.system, now: () => new Date(t.clock.now.getTime() + ms) });

test("the relay signs once and addresses the gateway that holds the agent", async () => {
  const jobId = await ask();
  expect(await relay()).toMatchObject({ deliveries: [{ jobId, serverId, gatewayId }] });
  expect(await relay()).toMatchObject({ taken: 0, deliveries: [] });
});

test("of many deliveries of one job at the same moment, one takes it", async () => {
  const jobId = await ask();
  await relay();
  const taken = await Promise.all(Array.from({ length: 8 }, () => take(jobId)));
  expect(taken.filter(({ kind }) => kind === "taken")).toHaveLength(1);
  expect(await stateOf(jobId)).toBe("dispatched");
});

test("a gateway that does not hold the agent gets nothing", async () => {
  const jobId = await ask();
  await relay();
  const other = await makeGateway(t.database.admin);
  expect(await take(jobId, other.id)).toEqual({ kind: "elsewhere" });
});

test("a change waits for the one before it, a diagnostic does not", async () => {
  const [first, second] = [await ask(), await ask()];
  const { jobId: diagnostic } = await unbanAddress(t.owner, { serverId, address: "192.0.2.7" });
  const { deliveries } = await relay();
  expect(deliveries.map(({ jobId }) => jobId)).toEqual([first, diagnostic]);
  expect(await take(second)).toEqual({ kind: "not-now" });
  expect(await take(first)).toMatchObject({ kind: "taken" });
  expect(await take(second)).toEqual({ kind: "not-now" });
  expect(await take(diagnostic)).toMatchObject({ kind: "taken" });
  await recordEnded(t.gateway, {
    jobId: first,
    serverId,
    outcome: { kind: "succeeded", result: { tookMs: 1 } },
  });
  expect(await take(second)).toMatchObject({ kind: "taken" });
});

test("an order whose arguments change loses its signature, and a sent one cannot change", async () => {
  const jobId = await ask();
  await relay();
  const { admin } = t.database;
  await admin.pool.query(`update jobs set args = '{"service":"dovecot"}' where id = $1`, [jobId]);
  const { rows } = await admin.pool.query("select signed_order, signature from jobs where id = $1", [jobId]);
  expect(rows).toEqual([{ signed_order: null, signature: null }]);
  expect(await take(jobId)).toEqual({ kind: "not-now" });
  expect(
    await repairOutbox(later(60_000), { waitingSince: new Date(t.clock.now.getTime() + 1), limit: 10 }),
  ).toBe(1);
  await relay();
  await take(jobId);
  await expect(
    admin.pool.query(`update jobs set args = '{"service":"rspamd"}' where id = $1`, [jobId]),
  ).rejects.toThrow(/has been sent and cannot be changed/);
});

test("progress is stored without a gap and each event once", async () => {
  const jobId = await accepted();
  const record = (...numbers: number[]) =>
    recordProgress(t.gateway, { jobId, serverId, events: numbers.map(line) });
  expect(await record(1, 2)).toEqual({ storedNumber: 2, hasChanged: true, hasStarted: true });
  expect(await record(2, 1, 3)).toEqual({ storedNumber: 3, hasChanged: true, hasStarted: false });
  expect(await record(5)).toEqual({ storedNumber: 3, hasChanged: false, hasStarted: false });
  expect(await record(3, 4, 6)).toEqual({ storedNumber: 4, hasChanged: true, hasStarted: false });
  const { events, hasMore } = await readJobEvents(t.owner, { jobId, afterNumber: 1, limit: 2 });
  expect([events.map(({ number }) => number), hasMore]).toEqual([[2, 3], true]);
  expect((await readJobEvents(t.owner, { jobId, afterNumber: 4 })).events).toEqual([]);
  expect(await stateOf(jobId)).toBe("running");
});

test("an agent cannot speak for a job of another server", async () => {
  const jobId = await accepted();
  const owned = { organisationId: t.organisationId, tenantId: t.tenantId };
  const stranger = await makeServer(t.database.admin, owned);
  const outcome = { kind: "cancelled" as const };
  expect(await recordEnded(t.gateway, { jobId, serverId: stranger.id, outcome })).toEqual({
    hasChanged: false,
    storedNumber: null,
  });
  expect(await stateOf(jobId)).toBe("accepted");
});

test("a result that comes twice is stored once, and the first one counts", async () => {
  const jobId = await accepted();
  const end = (outcome: Parameters<typeof recordEnded>[1]["outcome"]) =>
    recordEnded(t.gateway, { jobId, serverId, outcome });
  expect((await end({ kind: "succeeded", result: { tookMs: 3, secret: "dropped" } })).hasChanged).toBe(true);
  expect((await end({ kind: "cancelled" })).hasChanged).toBe(false);
  expect(await getJob(t.owner, { jobId })).toMatchObject({
    state: "succeeded",
    outcome: { kind: "succeeded", result: { tookMs: 3 } },
  });
});

test("the journal settles every open job of its server", async () => {
  const running = await accepted();
  const { jobId: sent } = await unbanAddress(t.owner, { serverId, address: "192.0.2.8" });
  await relay();
  await take(sent);
  const settle = (entries: Parameters<typeof recordJournal>[1]["entries"]) =>
    recordJournal(t.gateway, { serverId, gatewayId, entries });
  await settle([{ jobId: running, state: "running", progressNumber: 2 }]);
  expect([await stateOf(running), await stateOf(sent)]).toEqual(["running", "queued"]);
  const { changedJobIds } = await settle([]);
  expect(changedJobIds).toEqual([running]);
  expect(await getJob(t.owner, { jobId: running })).toMatchObject({
    state: "failed",
    outcome: { kind: "failed", retry: "permanent" },
  });
});

test("a silent gateway is given up: its servers are offline and what they had accepted is unknown", async () => {
  const held = await accepted();
  const silentSince = new Date(t.clock.now.getTime() + 1);
  const dead = await recoverDeadGateways(t.system, { silentSince });
  expect(dead).toContainEqual({ gatewayId, serverIds: [serverId], changedJobIds: [held] });
  expect(await stateOf(held)).toBe("unknown");
  expect(await take(held)).toEqual({ kind: "elsewhere" });
});

test("an order that nobody answered waits again and is sent as it was signed", async () => {
  const jobId = await ask();
  await relay();
  const first = await take(jobId);
  const sentBefore = new Date(t.clock.now.getTime() + 1);
  expect(await returnLostDeliveries(t.system, { sentBefore, limit: 10 })).toEqual([jobId]);
  expect(await take(jobId)).toEqual(first);
});

test("a waiting job whose queue entry was lost is found, and one of an offline server is not", async () => {
  const jobId = await ask();
  await relay();
  const lost = () =>
    findLostDeliveries(t.system, { waitingSince: new Date(t.clock.now.getTime() + 1), limit: 100 });
  expect(await lost()).toContainEqual({ jobId, serverId, gatewayId });
  await t.database.admin.pool.query("update servers set gateway_id = null where id = $1", [serverId]);
  expect((await lost()).map((delivery) => delivery.jobId)).not.toContain(jobId);
});

test("a job that never left times out, one that an agent holds becomes unknown and is asked to stop", async () => {
  const held = await accepted();
  const waiting = await ask();
  const expired = await expireJobs(later(3 * 3_600_000), { limit: 100 });
  expect(expired.map(({ id }) => id)).toEqual(expect.arrayContaining([held, waiting]));
  expect(await stateOf(held)).toBe("unknown");
  expect(await getJob(t.owner, { jobId: waiting })).toMatchObject({
    state: "timed-out",
    outcome: { kind: "failed", retry: "temporary" },
  });
  expect((await relay()).cancels).toContainEqual({ jobId: held, serverId, gatewayId });
});

test.each([
  ["converge", { targetRevision: 1, targetDigest: "f".repeat(64), revertsDrift: false }],
  ["sync-directory", { epoch: 1, revision: 7, chain: "f".repeat(64) }],
] as const)(
  "a %s that no use case has recorded is never signed, whoever wrote its row",
  async (verb, args) => {
    const jobId = await ask();
    await t.database.system.query
      .update(jobs)
      .set({ verb, args, signedOrder: null, signature: null })
      .where(eq(jobs.id, jobId));
    await relay();
    const [row] = await t.database.system.query.select().from(jobs).where(eq(jobs.id, jobId));
    expect(row).toMatchObject({ state: "failed", signedOrder: null, outcome: { retry: "permanent" } });
  },
);
