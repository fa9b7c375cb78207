import { randomUUID } from "node:crypto";
import type { DeliveryCount } from "@mailstead/core/delivery";
import type { HostFacts } from "@mailstead/core/servers";
import { servers } from "@mailstead/db";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listFindingChanges } from "../checks/index.ts";
import { keepDeliveryPartitions } from "../delivery/index.ts";
import { getTargetState, installServer, setSmarthosts } from "../servers/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { tellAndRollUp } from "../testing/tell-and-roll-up.ts";
import {
  changeWarmUp,
  endMeasure,
  listMeasures,
  listWarmUps,
  runDueMeasures,
  runDueWarmUps,
  startFallbacks,
  startMeasure,
  startWarmUp,
} from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  await keepDeliveryPartitions(t.system);
  await installServer(t.owner, { serverId: t.serverId });
  return () => t.close();
});
afterAll(() => shared.close());

const worker = () => ({ app: t.database.app, installation: t.installation });
const pass = (minutes: number) => {
  t.clock.now = new Date(t.clock.now.getTime() + minutes * 60_000);
};
const inForce = async () => (await getTargetState(t.owner, { serverId: t.serverId })).state.measures;
const start = (kind: "back-off" | "throttle" | "relay" | "prefer-ipv4", provider = "gmail" as const) =>
  startMeasure(t.owner, { serverIds: [t.serverId], kind, provider, reason: "421 4.7.28 since 09:12" });

async function tell(changes: Partial<DeliveryCount>): Promise<void> {
  const count: DeliveryCount = {
    minute: Math.floor(t.clock.now.getTime() / 60_000) * 60_000,
    direction: "outbound",
    domain: "a.example",
    sendingAddress: "192.0.2.1",
    provider: "gmail",
    status: "sent",
    category: null,
    attempts: 5,
    firstAttempts: 5,
    overTls: 5,
    sizeBytes: 900,
    latencies: {},
    ...changes,
  };
  await tellAndRollUp(t, {
    serverId: t.serverId,
    stream: "delivery",
    epoch: randomUUID(),
    sequence: 1,
    batch: { counts: [count], samples: [] },
  });
}

test("a measure stands in the target state while it is in force, and leaves nothing behind", async () => {
  const before = (await getTargetState(t.owner, { serverId: t.serverId })).state;
  const { started } = await start("throttle");
  expect(started[0]?.jobId).not.toBeNull();
  expect(await inForce()).toMatchObject([
    { kind: "throttle", provider: "gmail", limits: { connectionsMax: 2 } },
  ]);
  const again = await start("throttle");
  expect(again.started[0]).toMatchObject({ measureId: started[0]?.measureId, jobId: null });
  const { measures } = await listMeasures(t.as("auditor"), { serverId: t.serverId });
  expect(measures).toMatchObject([{ title: "Gmail", reason: "421 4.7.28 since 09:12", endedAt: null }]);
  await endMeasure(t.owner, { measureId: started[0]?.measureId ?? "" });
  const after = (await getTargetState(t.owner, { serverId: t.serverId })).state;
  expect({ ...after, revision: 0 }).toEqual({ ...before, revision: 0 });
  expect((await listMeasures(t.owner, { serverId: t.serverId })).measures[0]).toMatchObject({
    endBecause: "person",
  });
});

test("a back-off holds, goes on one connection at a time while mail is accepted, holds again when refused, and ends", async () => {
  await start("back-off");
  const connections = async () => (await inForce())[0]?.limits?.connectionsMax;
  const look = () => runDueMeasures(t.system, worker());
  expect(await connections()).toBe(0);
  pass(5);
  expect((await look()).seen).toBe(0);
  pass(6);
  await look();
  expect(await connections()).toBe(1);
  pass(2);
  await tell({ status: "deferred", category: "rate-limit" });
  pass(1);
  expect(await look()).toEqual({ seen: 1, failed: [] });
  expect(await connections()).toBe(0);
  for (const expected of [1, 2, 3, 4, 5]) {
    pass(11);
    await look();
    expect(await connections()).toBe(expected);
    pass(2);
    await tell({ status: "sent" });
  }
  pass(11);
  await look();
  expect(await inForce()).toEqual([]);
  expect((await listMeasures(t.owner, { serverId: t.serverId })).measures[0]?.endBecause).toBe("accepted");
});

test("a measure that is still needed near its end is prolonged once, told, and then ends by itself", async () => {
  await start("throttle");
  pass(71.5 * 60);
  await keepDeliveryPartitions(t.system);
  await tell({ status: "deferred", category: "ip-reputation" });
  await runDueMeasures(t.system, worker());
  const [measure] = (await listMeasures(t.owner, { serverId: t.serverId })).measures;
  expect(measure).toMatchObject({ isProlonged: true, endedAt: null });
  const told = await listFindingChanges(t.owner);
  expect(JSON.stringify(told)).toContain("was prolonged once");
  pass(73 * 60);
  await runDueMeasures(t.system, worker());
  expect(await inForce()).toEqual([]);
});

test("a relay needs a standby smarthost, and is started without a person only where that was allowed", async () => {
  await expect(start("relay")).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringMatching(/no standby smarthost/),
  });
  const standby = (isAutomatic: boolean) =>
    setSmarthosts(t.owner, {
      isUntested: true,
      serverId: t.serverId,
      smarthosts: [{ to: "standby", isAutomatic, smarthost: { host: "smtp.relay.example", port: 587 } }],
    });
  await standby(false);
  // One delivery before all that was refused is no reason to wait.
  await tell({});
  pass(1);
  await tell({ status: "bounced", category: "ip-reputation" });
  pass(1);
  expect(await startFallbacks(t.system, worker())).toEqual({ started: [], failed: [] });
  await standby(true);
  expect(await startFallbacks(t.system, worker())).toEqual({
    started: [{ serverId: t.serverId, provider: "gmail" }],
    failed: [],
  });
  expect(await startFallbacks(t.system, worker())).toEqual({ started: [], failed: [] });
  expect(await inForce()).toMatchObject([{ kind: "relay", provider: "gmail" }]);
  await expect(
    setSmarthosts(t.owner, { isUntested: true, serverId: t.serverId, smarthosts: [] }),
  ).rejects.toMatchObject({
    kind: "conflict",
  });
  // A person who ends it is not overruled by what was refused before.
  const [relay] = (await listMeasures(t.owner, { serverId: t.serverId })).measures;
  await endMeasure(t.owner, { measureId: relay?.id ?? "" });
  pass(1);
  expect((await startFallbacks(t.system, worker())).started).toEqual([]);
  await tell({ status: "bounced", category: "ip-reputation" });
  pass(1);
  expect((await startFallbacks(t.system, worker())).started).toHaveLength(1);
  pass(25 * 60);
  await runDueMeasures(t.system, worker());
  expect(await inForce()).toEqual([]);
});

test("a warm-up is begun only for an address that the host has", async () => {
  const admin = t.database.admin.query;
  const facts = { ipAddresses: ["192.0.2.1", "2001:db8::1"] } as HostFacts;
  await admin.update(servers).set({ facts }).where(eq(servers.id, t.serverId));
  await expect(startWarmUp(t.owner, { serverId: t.serverId, address: "192.0.2.9" })).rejects.toMatchObject({
    kind: "invalid",
    message: "mail1 does not have 192.0.2.9, but 192.0.2.1, 2001:db8::1.",
  });
});

test("a warm-up goes on with enough mail, steps back when it is refused, waits without, and is ended by a person", async () => {
  const { warmUpId } = await startWarmUp(t.owner, { serverId: t.serverId, address: "192.0.2.1" });
  await expect(startWarmUp(t.owner, { serverId: t.serverId, address: "192.0.2.1" })).rejects.toMatchObject({
    kind: "conflict",
  });
  const gmail = async () =>
    (await listWarmUps(t.owner, { serverId: t.serverId })).warmUps[0]?.tracks.find(
      ({ provider }) => provider === "gmail",
    );
  expect(await inForce()).toHaveLength(7);
  pass(90);
  await tell({ attempts: 40, firstAttempts: 40 });
  await tell({ provider: "yahoo", status: "deferred", category: "rate-limit", attempts: 40 });
  pass(24 * 60);
  await keepDeliveryPartitions(t.system);
  expect(await runDueWarmUps(t.system, worker())).toEqual({ seen: 1, failed: [] });
  expect(await gmail()).toMatchObject({ stage: 2, messagesPerDay: 100, because: "enough-accepted" });
  const [warmUp] = (await listWarmUps(t.owner, { serverId: t.serverId })).warmUps;
  const of = (wanted: string) => warmUp?.tracks.find(({ provider }) => provider === wanted);
  expect(of("yahoo")).toMatchObject({ stage: 1, because: "refused" });
  expect(of("apple")).toMatchObject({ stage: 1, because: "not-enough-mail" });
  await changeWarmUp(t.owner, { warmUpId, to: "paused" });
  pass(26 * 60);
  expect((await runDueWarmUps(t.system, worker())).seen).toBe(0);
  expect(await inForce()).toHaveLength(7);
  await changeWarmUp(t.owner, { warmUpId, to: "ended" });
  expect(await inForce()).toEqual([]);
});

test("a stage that is refused from its first minutes on steps back within the same hour", async () => {
  await startWarmUp(t.owner, { serverId: t.serverId, address: "192.0.2.1" });
  const yahoo = async () =>
    (await listWarmUps(t.owner, { serverId: t.serverId })).warmUps[0]?.tracks.find(
      ({ provider }) => provider === "yahoo",
    );
  pass(90);
  await tell({ provider: "yahoo", attempts: 60, firstAttempts: 60 });
  pass(24 * 60);
  await keepDeliveryPartitions(t.system);
  await runDueWarmUps(t.system, worker());
  expect(await yahoo()).toMatchObject({ stage: 2, because: "enough-accepted" });
  pass(5);
  await tell({ provider: "yahoo", status: "deferred", category: "rate-limit", attempts: 40 });
  pass(12);
  expect((await runDueWarmUps(t.system, worker())).seen).toBe(1);
  expect(await yahoo()).toMatchObject({ stage: 1, because: "refused" });
});

test("only technicians change measures, and nobody sees another organisation's", async () => {
  await expect(
    startMeasure(t.as("auditor"), {
      serverIds: [t.serverId],
      kind: "throttle",
      provider: "gmail",
      reason: "x",
    }),
  ).rejects.toMatchObject({ kind: "forbidden" });
  const stranger = await t.makeStranger();
  const { started } = await start("throttle");
  await expect(listMeasures(stranger, { serverId: t.serverId })).rejects.toMatchObject({ kind: "not-found" });
  await expect(endMeasure(stranger, { measureId: started[0]?.measureId ?? "" })).rejects.toMatchObject({
    kind: "not-found",
  });
});
