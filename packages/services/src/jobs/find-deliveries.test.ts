import type { JobLane, JobState } from "@mailstead/core/jobs";
import { makeGateway, makeJob, makeServer } from "@mailstead/db/factories";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { findDeliveriesOfServers, findLostDeliveries } from "./index.ts";

let t: ServiceTest;
let owned: { organisationId: string; tenantId: string };
beforeAll(async () => {
  t = await openServiceTest();
  owned = { organisationId: t.organisationId, tenantId: t.tenantId };
});
afterAll(() => t.close());
beforeEach(() => t.database.admin.pool.query("delete from servers"));

const ago = (ms: number) => new Date(t.clock.now.getTime() - ms);
const connect = async (gatewayId: string) => (await makeServer(t.database.admin, { ...owned, gatewayId })).id;
const give = (
  serverId: string,
  job: {
    state?: JobState;
    lane?: JobLane;
    signedAt?: Date | null;
    cancelRequestedAt?: Date | null;
    deadlineAt?: Date;
  } = {},
) => {
  const { signedAt = ago(60_000), deadlineAt = ago(-60_000), ...rest } = job;
  const signedOrder = signedAt === null ? null : "{}";
  return makeJob(t.database.admin, { ...owned, serverId, signedAt, signedOrder, deadlineAt, ...rest });
};
const find = async (limit: number) => {
  const found = await findLostDeliveries(t.system, { waitingSince: ago(5_000), limit });
  return found.map(({ jobId }) => jobId).sort();
};

test("a lost delivery is found however many servers are busy with something else", async () => {
  const { id: gatewayId } = await makeGateway(t.database.admin);
  for (const state of ["running", "accepted", "dispatched", "unknown"] as const) {
    const busy = await connect(gatewayId);
    await give(busy, { state });
    await give(busy, { signedAt: ago(90_000) });
  }
  const stuck = await connect(gatewayId);
  await give(stuck, { signedAt: null });
  await give(stuck, { signedAt: ago(90_000) });
  const { id: lost } = await give(await connect(gatewayId));
  expect(await find(1)).toEqual([lost]);
});

test("a gateway with more lost deliveries than the sweep takes leaves those of another their place", async () => {
  const [slow, other] = [await makeGateway(t.database.admin), await makeGateway(t.database.admin)];
  const waiting = [];
  for (const age of [70_000, 90_000, 80_000])
    waiting.push((await give(await connect(slow.id), { signedAt: ago(age) })).id);
  const { id: lost } = await give(await connect(other.id));
  expect(await find(1)).toEqual([waiting[1], lost].sort());
});

test("the sweep finds what core's rule of the lanes allows, in every mixture of jobs", async () => {
  const { id: gatewayId } = await makeGateway(t.database.admin);
  const kinds: Parameters<typeof give>[1][] = [
    {},
    { state: "running" },
    { state: "unknown" },
    { state: "succeeded" },
    { signedAt: null },
    { cancelRequestedAt: ago(1) },
    { deadlineAt: ago(1) },
  ];
  const expected = [];
  for (const lane of ["change", "diagnostic"] as const)
    for (const first of kinds)
      for (const second of kinds) {
        const serverId = await connect(gatewayId);
        // With one change always running nothing of that lane would ever be found.
        for (const kind of [first, { state: "running" as const }, second, {}, {}])
          if (lane === "diagnostic" || kind?.state !== "running" || kind === first)
            await give(serverId, { ...kind, lane });
        const allowed = await findDeliveriesOfServers(t.system, { serverIds: [serverId] });
        expected.push(...allowed.map(({ jobId }) => jobId));
      }
  expect(expected.length).toBeGreaterThan(40);
  expect(await find(1_000)).toEqual(expected.sort());
});
