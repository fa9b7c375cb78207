import { jobEvents } from "@mailstead/db";
import { makeJob, makeServer } from "@mailstead/db/factories";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { forgetOldJobs, listJobs, readJobEvents } from "./index.ts";

let t: ServiceTest;
let owned: { organisationId: string; tenantId: string; serverId: string };
beforeAll(async () => {
  t = await openServiceTest();
  const owner = { organisationId: t.organisationId, tenantId: t.tenantId };
  owned = { ...owner, serverId: (await makeServer(t.database.admin, owner)).id };
});
afterAll(() => t.close());

const dayMs = 86_400_000;
const ago = (days: number) => new Date(t.clock.now.getTime() - days * dayMs);

async function makeEnded(days: number): Promise<string> {
  const { id, ...row } = await makeJob(t.database.admin, {
    ...owned,
    state: "succeeded",
    endedAt: ago(days),
  });
  const { organisationId, tenantId } = row;
  const body = { kind: "log", level: "info", text: "done" } as const;
  const event = { jobId: id, organisationId, tenantId, at: ago(days), body };
  await t.database.admin.query.insert(jobEvents).values([1, 2].map((number) => ({ ...event, number })));
  return id;
}

test("old jobs go with their stories, the oldest first and so many at a time; younger and open ones stay", async () => {
  const [older, old, young] = [await makeEnded(200), await makeEnded(91), await makeEnded(89)];
  const open = await makeJob(t.database.admin, { ...owned, state: "unknown", createdAt: ago(300) });
  const left = async () => (await listJobs(t.owner)).jobs.map(({ id }) => id).sort();
  const forget = () => forgetOldJobs(t.system, { endedBefore: ago(90), limit: 1 });

  expect(await forget()).toBe(1);
  expect(await left()).toEqual([old, young, open.id].sort());
  expect([await forget(), await forget()]).toEqual([1, 0]);
  expect(await left()).toEqual([young, open.id].sort());
  const { rows } = await t.database.admin.pool.query("select distinct job_id as id from job_events");
  expect(rows).toEqual([{ id: young }]);
  expect((await readJobEvents(t.owner, { jobId: young })).events).toHaveLength(2);
  await expect(readJobEvents(t.owner, { jobId: older })).rejects.toMatchObject({ kind: "not-found" });
});

test("the last converge that went well stays, of each server, however old it is", async () => {
  const { organisationId, tenantId } = owned;
  const other = await makeServer(t.database.admin, { organisationId, tenantId });
  const make = async (serverId: string, state: "succeeded" | "failed", days: number) =>
    (await makeJob(t.database.admin, { ...owned, serverId, verb: "converge", state, endedAt: ago(days) })).id;
  const ofOne = [await make(owned.serverId, "succeeded", 400), await make(owned.serverId, "succeeded", 300)];
  const ofOther = [await make(other.id, "succeeded", 300), await make(other.id, "failed", 200)];
  await forgetOldJobs(t.system, { endedBefore: ago(90), limit: 100 });
  const { rows } = await t.database.admin.pool.query("select id from jobs where verb = 'converge'");
  expect(rows.map(({ id }) => id).sort()).toEqual([ofOne[1], ofOther[0]].sort());
});
