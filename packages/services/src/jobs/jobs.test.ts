import { newId } from "@mailstead/db";
import { makeAgent, makeJob, makeServer } from "@mailstead/db/factories";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { changeHostname, convergeServer, refreshFacts } from "../servers/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { cancelJob, findVisibleJobs, getJob, listJobs, readJobEvents, retryJob } from "./index.ts";

let t: ServiceTest;
let serverId: string;
let owned: { organisationId: string; tenantId: string; serverId: string };
beforeAll(async () => {
  t = await openServiceTest();
  const owner = { organisationId: t.organisationId, tenantId: t.tenantId };
  serverId = (await makeServer(t.database.admin, { ...owner, installRequestedAt: t.clock.now })).id;
  owned = { ...owner, serverId };
  await makeAgent(t.database.admin, owned);
});
afterAll(() => t.close());

test("jobs are listed newest first, in pages, by what they are about", async () => {
  const made = [];
  for (const state of ["succeeded", "failed", "queued", "unknown"] as const)
    made.push((await makeJob(t.database.admin, { ...owned, state })).id);
  const [succeeded, failed, queued, unknown] = made;
  const ids = async (input: Parameters<typeof listJobs>[1]) =>
    (await listJobs(t.owner, { serverId, ...input })).jobs.map(({ id }) => id);
  expect(await ids({ filter: "active" })).toEqual([unknown, queued]);
  expect(await ids({ filter: "failed" })).toEqual([unknown, failed]);
  const first = await listJobs(t.owner, { serverId, limit: 3 });
  expect(first.jobs).toHaveLength(3);
  expect(first.total).toBe(4);
  expect(await ids({ tenantId: t.tenantId, filter: "failed" })).toEqual([unknown, failed]);
  expect(await ids({ tenantId: newId(t.clock.now) })).toEqual([]);
  expect(await ids({ limit: 3, cursor: first.nextCursor ?? "" })).toEqual([succeeded]);
});

test("strangers see no job and can do nothing to it", async () => {
  const { id: jobId } = await makeJob(t.database.admin, owned);
  const stranger = await t.makeStranger();
  expect((await listJobs(stranger)).jobs).toEqual([]);
  expect(await findVisibleJobs(stranger, { jobIds: [jobId] })).toEqual(new Set());
  expect(await findVisibleJobs(t.owner, { jobIds: [jobId, newId()] })).toEqual(new Set([jobId]));
  for (const attempt of [getJob, readJobEvents, cancelJob, retryJob])
    await expect((async () => attempt(stranger, { jobId }))()).rejects.toMatchObject({ kind: "not-found" });
  for (const attempt of [cancelJob, retryJob])
    await expect((async () => attempt(t.as("auditor"), { jobId }))()).rejects.toMatchObject({
      kind: "forbidden",
    });
});

test("a job that never left is cancelled at once, with an audit entry; one that has ended is not", async () => {
  const { jobId } = await refreshFacts(t.owner, { serverId });
  expect(await cancelJob(t.owner, { jobId })).toEqual({ hasEnded: true });
  expect(await getJob(t.owner, { jobId })).toMatchObject({ state: "cancelled" });
  await expect(cancelJob(t.owner, { jobId })).rejects.toMatchObject({ kind: "conflict" });
  const { entries } = await listAudit(t.owner, { subjectId: serverId, action: "cancel-job" });
  expect(entries).toHaveLength(1);
});

test("a job that may be on its host is only asked to stop", async () => {
  const { id: jobId } = await makeJob(t.database.admin, { ...owned, dispatchedAt: t.clock.now });
  expect(await cancelJob(t.owner, { jobId })).toEqual({ hasEnded: false });
  const job = await getJob(t.owner, { jobId });
  expect([job.state, job.cancelRequestedAt]).toEqual(["queued", t.clock.now]);
});

test("trying again asks for what is wanted now, and not while the job goes on", async () => {
  const { jobId } = await convergeServer(t.owner, { serverId, revertsDrift: true });
  await expect(retryJob(t.owner, { jobId })).rejects.toMatchObject({ kind: "conflict" });
  await cancelJob(t.owner, { jobId });
  const changed = await changeHostname(t.owner, { serverId, hostname: "other.msp.example" });
  const again = await retryJob(t.owner, { jobId });
  const job = await getJob(t.owner, { jobId: again.jobId });
  expect(again.jobId).not.toBe(jobId);
  expect(job).toMatchObject({
    state: "queued",
    args: { targetRevision: changed.revision, revertsDrift: true },
  });
});

test("a newer job takes the place of a waiting one, but not of one that has left", async () => {
  const first = await convergeServer(t.owner, { serverId });
  const second = await convergeServer(t.owner, { serverId });
  expect(second.jobId).toBe(first.jobId);
  await t.database.admin.pool.query("update jobs set dispatched_at = now() where id = $1", [first.jobId]);
  const third = await convergeServer(t.owner, { serverId });
  expect(third.jobId).not.toBe(first.jobId);
});
