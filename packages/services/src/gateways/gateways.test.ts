import { randomUUID } from "node:crypto";
import { makeJob, makeServer } from "@mailstead/db/factories";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import {
  beatGateway,
  findGoneGateways,
  listHeldServers,
  recoverDeadGateways,
  registerGateway,
  releaseServers,
  retireGateway,
} from "./index.ts";

let t: ServiceTest;
let gatewayId: string;
let serverId: string;
beforeAll(async () => {
  t = await openServiceTest();
});
afterAll(() => t.close());
beforeEach(async () => {
  gatewayId = await registerGateway(t.gateway, { name: "gateway" });
  serverId = (await hold()).id;
});

const hold = () =>
  makeServer(t.database.admin, {
    organisationId: t.organisationId,
    tenantId: t.tenantId,
    gatewayId,
    connectedAt: t.clock.now,
  });
const held = () => listHeldServers(t.gateway, { gatewayId });
const after = (ms: number) => new Date(t.clock.now.getTime() + ms);
const give = (state: "accepted" | "dispatched") =>
  makeJob(t.database.admin, {
    organisationId: t.organisationId,
    tenantId: t.tenantId,
    serverId,
    gatewayId,
    state,
    dispatchedAt: t.clock.now,
  });
const stateOf = async (jobId: string) => {
  const { rows } = await t.database.admin.pool.query("select state from jobs where id = $1", [jobId]);
  return rows[0]?.state;
};

/** Its heart last beat so long ago. */
const fallSilent = (forMs: number) =>
  t.database.admin.pool.query(
    "update gateways set heartbeat_at = now() - $2 * interval '1 millisecond' where id = $1",
    [gatewayId, forMs],
  );
const recover = (silenceMaxMs: number) => recoverDeadGateways(t.system, { silenceMaxMs });

test("a beat keeps a gateway alive and says which servers were heard", async () => {
  await fallSilent(60_000);
  const later = { ...t.gateway, now: () => after(10_000) };
  expect(await beatGateway(later, { gatewayId, heardServerIds: [serverId] })).toBe(true);
  expect(await recover(20_000)).not.toContainEqual(expect.objectContaining({ gatewayId }));
  const { rows } = await t.database.admin.pool.query("select last_seen_at from servers where id = $1", [
    serverId,
  ]);
  expect(rows[0]?.last_seen_at).toEqual(after(10_000));
});

test("a heart that beats is alive and a silent one dead, whatever the clocks of gateway and worker say", async () => {
  const anHourOff = (ms: number) => ({ now: () => new Date(Date.now() + ms) });
  for (const offMs of [-3_600_000, 3_600_000]) {
    const gateway = { ...t.gateway, ...anHourOff(offMs) };
    const worker = { ...t.system, ...anHourOff(-offMs) };
    const id = await registerGateway(gateway, { name: "off" });
    await beatGateway(gateway, { gatewayId: id, heardServerIds: [] });
    const alive = await recoverDeadGateways(worker, { silenceMaxMs: 20_000 });
    expect(alive).not.toContainEqual(expect.objectContaining({ gatewayId: id }));
  }
  await fallSilent(20_001);
  expect(await recover(20_000)).toContainEqual(expect.objectContaining({ gatewayId }));
});

test("a gateway that was given up hears so at its next beat", async () => {
  await fallSilent(60_000);
  await recover(20_000);
  expect(await beatGateway(t.gateway, { gatewayId, heardServerIds: [] })).toBe(false);
  expect(await held()).toEqual(new Set());
});

test("a gateway that drained lets its servers go, and the next look of a worker takes it away", async () => {
  const { id: sent } = await give("dispatched");
  const retired = await retireGateway(t.gateway, { gatewayId });
  expect(retired).toEqual({ gatewayId, serverIds: [serverId], changedJobIds: [sent] });
  expect(await stateOf(sent)).toBe("queued");
  const recovered = await recover(20_000);
  expect(recovered).toContainEqual({ gatewayId, serverIds: [], changedJobIds: [] });
});

test("servers whose end was never noted are released, those that just came are not", async () => {
  const { id: ran } = await give("accepted");
  const release = (connectedBefore: Date) =>
    releaseServers(t.gateway, { gatewayId, serverIds: [serverId], connectedBefore });
  expect(await release(after(0))).toEqual([]);
  expect(await held()).toEqual(new Set([serverId]));
  expect(await release(after(1))).toEqual([ran]);
  expect(await held()).toEqual(new Set());
  expect(await stateOf(ran)).toBe("unknown");
});

test("a queue without a gateway is told from those of gateways that are known, and of other things", async () => {
  const gone = randomUUID();
  expect(await findGoneGateways(t.system, { gatewayIds: [gatewayId, gone, "not an id"] })).toEqual([gone]);
});
