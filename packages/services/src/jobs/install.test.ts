import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { convergeServer, installServer, recordObserved } from "../servers/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { getJob, recordEnded } from "./index.ts";

const hourMs = 3_600_000;
let t: ServerTest;
beforeAll(async () => {
  t = await openServerTest();
});
afterAll(() => t.close());
beforeEach(async () => {
  await t.database.admin.pool.query("delete from jobs");
  await becomeAnotherMachine();
});

/** What enrolling another machine as this server forgets. */
const becomeAnotherMachine = async () => {
  t.clock.now = new Date(t.clock.now.getTime() + hourMs);
  await t.database.admin.pool.query("update servers set applied_revision = 0, install_requested_at = null");
};
const install = async () => (await installServer(t.owner, { serverId: t.serverId })).jobId;
const converge = async () => (await convergeServer(t.owner, { serverId: t.serverId })).jobId;
const isInstall = async (jobId: string) => (await getJob(t.owner, { jobId })).isInstall;
/** The agent has the job, so that a newer one waits behind it. */
const run = (jobId: string) =>
  t.database.admin.pool.query("update jobs set state = 'running', dispatched_at = $2 where id = $1", [
    jobId,
    t.clock.now,
  ]);
const end = async (jobId: string, kind: "succeeded" | "failed") => {
  await run(jobId);
  const outcome =
    kind === "failed"
      ? { kind, problem: "It did not work.", retry: "temporary" as const }
      : { kind, result: { stepsApplied: 1, changedPaths: [], tookMs: 1 } };
  await recordEnded(t.gateway, { jobId, serverId: t.serverId, outcome });
};
const report = () =>
  recordObserved(t.gateway, {
    serverId: t.serverId,
    report: { targetRevision: 1, drift: [], dkimPublicKeys: [], directory: { epoch: 1, revision: 0 } },
  });

test("every converge is an installation until one has succeeded", async () => {
  const first = await install();
  await end(first, "failed");
  const second = await converge();
  await end(second, "succeeded");
  const third = await converge();
  expect([await isInstall(first), await isInstall(second), await isInstall(third)]).toEqual([
    true,
    true,
    false,
  ]);
});

test("a converge that waits behind an installation is none once that has succeeded", async () => {
  const first = await install();
  await run(first);
  const second = await converge();
  expect(await isInstall(second)).toBe(true);
  await end(first, "succeeded");
  expect([await isInstall(first), await isInstall(second)]).toEqual([true, false]);
});

test("a converge is no installation although the jobs before it are forgotten", async () => {
  await end(await install(), "succeeded");
  await report();
  const before = await converge();
  await end(before, "failed");
  await t.database.admin.pool.query("delete from jobs where state = 'succeeded'");
  expect([await isInstall(before), await isInstall(await converge())]).toEqual([false, false]);
});

test("the first converge of another machine is an installation, also when it takes the place of a waiting one", async () => {
  await end(await install(), "succeeded");
  await report();
  const waiting = await converge();
  expect(await isInstall(waiting)).toBe(false);
  await becomeAnotherMachine();
  expect(await install()).toBe(waiting);
  expect(await isInstall(waiting)).toBe(true);
});
