import { generateKeyPairSync, randomUUID } from "node:crypto";
import { jobCatalog } from "@mailstead/core/jobs";
import { jobs } from "@mailstead/db";
import { makeAgent, makeGateway, makeServer } from "@mailstead/db/factories";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ConnectionOverError } from "../context/index.ts";
import { recoverDeadGateways } from "../gateways/index.ts";
import { removeServer, restartService, unbanAddress } from "../servers/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import {
  cancelJob,
  expireJobs,
  findJournalsToAskFor,
  findLostDeliveries,
  getJob,
  makeJobSigner,
  readJobEvents,
  recordAccepted,
  recordAllAccepted,
  recordAllEnded,
  recordEnded,
  recordJournal,
  recordJournals,
  recordProgress,
  relayOutbox,
  repairOutbox,
  returnLostDeliveries,
  takeJobForDelivery,
  takeJobsForDelivery,
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
  gatewayId = (await makeGateway(t.database.admin)).id;
  serverId = (await makeServer(t.database.admin, { ...owned, gatewayId, connectedAt: t.clock.now })).id;
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
/** Gives up the gateway of this test, whose heart has stopped. */
const giveUp = async () => {
  const stop = "update gateways set heartbeat_at = now() - interval '1 minute' where id = $1";
  await t.database.admin.pool.query(stop, [gatewayId]);
  return recoverDeadGateways(t.system, { silenceMaxMs: 20_000 });
};
/** A job that was sent and that nobody answered, so that it waits to be sent again. */
const unanswered = async () => {
  const jobId = await ask();
  await relay();
  await take(jobId);
  await returnLostDeliveries(t.system, { sentBefore: later(1).now(), limit: 10 });
  return jobId;
};
/** Whether the agent of this test's server is to show its journal anew. */
const isJournalWanted = async (ctx = t.system) => {
  const connectedBefore = new Date(ctx.now().getTime() + 1);
  const wanted = await findJournalsToAskFor(ctx, { connectedBefore, limit: 100 });
  return wanted.some((found) => found.serverId === serverId && found.gatewayId === gatewayId);
};
const settle = (ctx: typeof t.gateway, entries: Parameters<typeof recordJournal>[1]["entries"]) =>
  recordJournal(ctx, { serverId, gatewayId, entries });
/** The gateway's context at a later time. */
const laterGateway = (ms: number) => ({ ...t.gateway, now: later(ms).now });

test("the relay signs once and addresses the gateway that holds the agent", async () => {
  const jobId = await ask();
  expect(await relay()).toMatchObject({ deliveries: [{ jobId, serverId, gatewayId }] });
  expect(await relay()).toMatchObject({ taken: 0, deliveries: [] });
});

test("every gateway is told to end the connection of a server that was removed, since none knows which one holds it", async () => {
  const { id: other } = await makeGateway(t.database.admin);
  await removeServer(t.owner, { serverId });
  const { endings } = await relay();
  const told = endings.filter((ending) => ending.serverId === serverId).map((ending) => ending.gatewayId);
  expect(told).toEqual(expect.arrayContaining([gatewayId, other]));
  expect((await relay()).endings).toEqual([]);
});

test("of many deliveries of one job at the same moment, one takes it", async () => {
  const jobId = await ask();
  await relay();
  const taken = await Promise.all(Array.from({ length: 8 }, () => take(jobId)));
  expect(taken.filter(({ kind }) => kind === "taken")).toHaveLength(1);
  expect(await stateOf(jobId)).toBe("dispatched");
});

test("many jobs go from their delivery to their end together, and one that is not its server's takes no part", async () => {
  const owned = {
    organisationId: t.organisationId,
    tenantId: t.tenantId,
    gatewayId,
    connectedAt: t.clock.now,
  };
  const serverIds = [serverId];
  for (let count = 0; count < 3; count += 1) {
    const { id } = await makeServer(t.database.admin, owned);
    await makeAgent(t.database.admin, { ...owned, serverId: id });
    serverIds.push(id);
  }
  const wanted = [];
  for (const id of serverIds)
    wanted.push({ ...(await restartService(t.owner, { serverId: id, service: "postfix" })), serverId: id });
  await relay();
  const asked = <T>(inputs: readonly T[]) => inputs.map((input) => ({ ctx: t.gateway, input }));
  const foreign = { jobId: wanted[0]?.jobId ?? "", serverId: serverIds[1] ?? "", gatewayId };
  const all = wanted.map((one) => ({ ...one, gatewayId }));
  const taken = await takeJobsForDelivery(asked(all));
  expect(taken.map((one) => (typeof one === "object" && "kind" in one ? one.kind : one))).toEqual(
    Array(4).fill("taken"),
  );
  expect(await recordAllAccepted(asked([foreign, ...all.slice(1)]))).toEqual(
    [false, true, true, true].map((hasChanged) => ({ hasChanged })),
  );
  const outcome = { kind: "succeeded" as const, result: { tookMs: 1 } };
  const ends = await recordAllEnded(asked(wanted.slice(1).map((one) => ({ ...one, outcome }))));
  expect(ends).toEqual(Array(3).fill({ hasChanged: true, storedNumber: 0 }));
  const [settled, other] = await recordJournals(
    asked(serverIds.slice(0, 2).map((id) => ({ serverId: id, gatewayId, entries: [] }))),
  );
  expect(settled).toMatchObject({ changedJobIds: [wanted[0]?.jobId], hasWaiting: true });
  expect(other).toEqual({ changedJobIds: [], cancelJobIds: [], hasWaiting: false });
  expect(await Promise.all(wanted.map(({ jobId }) => stateOf(jobId)))).toEqual([
    "queued",
    ...Array(3).fill("succeeded"),
  ]);
});

test("what comes through a connection that is over takes no part in what is done together", async () => {
  const jobId = await ask();
  await relay();
  await take(jobId);
  const over = { ...t.gateway, connection: { agentId: randomUUID(), sessionCounter: 1 } };
  const answer = { jobId, serverId, gatewayId };
  const [refused] = await recordAllAccepted([{ ctx: over, input: answer }]);
  expect(refused).toBeInstanceOf(ConnectionOverError);
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
  expect(await giveUp()).toContainEqual({ gatewayId, serverIds: [serverId], changedJobIds: [held] });
  expect(await stateOf(held)).toBe("unknown");
  expect(await take(held)).toEqual({ kind: "elsewhere" });
});

test("an order that nobody answered waits again and is sent as it was signed", async () => {
  const jobId = await ask();
  await relay();
  const first = await take(jobId);
  const sentBefore = new Date(t.clock.now.getTime() + 1);
  expect(await returnLostDeliveries(t.system, { sentBefore, limit: 100 })).toContain(jobId);
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

const longMs = 3 * 3_600_000;

test("a job that never left times out; one that its agent holds goes on, and the agent's journal is asked for", async () => {
  const held = await accepted();
  await recordProgress(t.gateway, { jobId: held, serverId, events: [line(1)] });
  const waiting = await ask();
  expect(await isJournalWanted()).toBe(false);
  const expired = await expireJobs(later(longMs), { limit: 100 });
  expect(expired.map(({ id }) => id)).toContain(waiting);
  expect(expired.map(({ id }) => id)).not.toContain(held);
  expect(await getJob(t.owner, { jobId: waiting })).toMatchObject({
    state: "timed-out",
    outcome: { kind: "failed", retry: "temporary" },
  });
  expect(await stateOf(held)).toBe("running");
  expect((await relay()).cancels).toEqual([]);
  expect(await isJournalWanted(later(longMs))).toBe(true);
  await settle(laterGateway(longMs), [{ jobId: held, state: "running", progressNumber: 1 }]);
  expect(await isJournalWanted(later(longMs + 1000))).toBe(false);
  expect(await stateOf(held)).toBe("running");
});

test("a job that runs past its time with nobody connected is unknown", async () => {
  const held = await accepted();
  await t.database.admin.pool.query("update servers set gateway_id = null where id = $1", [serverId]);
  expect((await expireJobs(later(longMs), { limit: 100 })).map(({ id }) => id)).toContain(held);
  expect(await stateOf(held)).toBe("unknown");
});

test("a job's time runs from its start, however long the agent had it before", async () => {
  const jobId = await accepted();
  const startedAfterMs = 3_600_000;
  await recordProgress(laterGateway(startedAfterMs), { jobId, serverId, events: [line(1)] });
  const { deadlineAt } = await getJob(t.owner, { jobId });
  expect(deadlineAt.getTime()).toBeGreaterThanOrEqual(
    t.clock.now.getTime() + startedAfterMs + jobCatalog["restart-service"].runWithinMs,
  );
});

test("an order that was never accepted in its time is sent no more, and times out once the journal lacks it", async () => {
  const jobId = await unanswered();
  const next = await ask();
  await relay();
  await t.database.admin.pool.query("update jobs set deadline_at = $2 where id = $1", [
    next,
    later(2 * longMs).now(),
  ]);
  expect((await expireJobs(later(longMs), { limit: 100 })).map(({ id }) => id)).not.toContain(jobId);
  expect(await stateOf(jobId)).toBe("queued");
  const lateTake = await takeJobForDelivery(laterGateway(longMs), { jobId, serverId, gatewayId });
  expect(lateTake).toEqual({ kind: "not-now" });
  expect(await isJournalWanted(later(longMs))).toBe(true);
  expect(await settle(laterGateway(longMs), [])).toMatchObject({ changedJobIds: [jobId], hasWaiting: true });
  expect(await getJob(t.owner, { jobId })).toMatchObject({
    state: "timed-out",
    outcome: { kind: "failed", retry: "temporary", problem: expect.stringMatching(/never accepted/) },
  });
  expect(await take(next)).toMatchObject({ kind: "taken" });
});

test("an order whose answer was lost goes on past its time when the journal holds it", async () => {
  const jobId = await unanswered();
  await settle(laterGateway(longMs), [{ jobId, state: "accepted", progressNumber: 0 }]);
  expect(await stateOf(jobId)).toBe("accepted");
  expect(await isJournalWanted(later(longMs))).toBe(false);
});

test("a job that is cancelled while it waits to be sent again is not sent again", async () => {
  const jobId = await unanswered();
  expect(await isJournalWanted()).toBe(false);
  expect(await cancelJob(t.owner, { jobId })).toEqual({ hasEnded: false });
  expect((await relay()).deliveries).toEqual([]);
  expect(await take(jobId)).toEqual({ kind: "not-now" });
  expect(await isJournalWanted()).toBe(true);
  await settle(t.gateway, []);
  expect(await getJob(t.owner, { jobId })).toMatchObject({
    state: "cancelled",
    outcome: { kind: "cancelled" },
  });
});

test("a job that was cancelled while its answer was lost is told so when the journal holds it", async () => {
  const jobId = await unanswered();
  await cancelJob(t.owner, { jobId });
  const { cancelJobIds } = await settle(t.gateway, [{ jobId, state: "running", progressNumber: 0 }]);
  expect(cancelJobIds).toEqual([jobId]);
  expect(await stateOf(jobId)).toBe("running");
});

test("what a connection says that was given up does not settle a job that is unknown", async () => {
  const jobId = await accepted();
  await giveUp();
  await recordProgress(t.gateway, { jobId, serverId, events: [line(1)] });
  expect(await stateOf(jobId)).toBe("unknown");
  gatewayId = (await makeGateway(t.database.admin)).id;
  await settle(t.gateway, [{ jobId, state: "running", progressNumber: 1 }]);
  expect(await stateOf(jobId)).toBe("running");
});

test.each([
  ["converge", { targetRevision: 1, targetDigest: "f".repeat(64), revertsDrift: false }],
  ["sync-directory", { epoch: 1, revision: 7, chain: "f".repeat(64) }],
  ["converge", { targetRevision: 2 ** 40, targetDigest: "f".repeat(64), revertsDrift: false }],
  ["sync-directory", { epoch: 1, revision: 2 ** 40, chain: "f".repeat(64) }],
  ["restart-service", { service: "sshd" }],
  ["shell" as never, {}],
] as const)(
  "a %s that no use case has recorded is never signed, whoever wrote its row, and holds up no other",
  async (verb, args) => {
    const jobId = await ask();
    const { jobId: other } = await unbanAddress(t.owner, { serverId, address: "192.0.2.9" });
    await t.database.system.query
      .update(jobs)
      .set({ verb, args, signedOrder: null, signature: null })
      .where(eq(jobs.id, jobId));
    expect((await relay()).deliveries.map((delivery) => delivery.jobId)).toEqual([other]);
    const [row] = await t.database.system.query.select().from(jobs).where(eq(jobs.id, jobId));
    expect(row).toMatchObject({ state: "failed", signedOrder: null, outcome: { retry: "permanent" } });
  },
);
