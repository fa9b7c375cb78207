import { makeAgent, makeServer } from "@mailstead/db/factories";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { refreshFacts, restartService } from "../servers/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { cancelJob, getJob } from "./index.ts";

let t: ServiceTest;
let serverId: string;
beforeAll(async () => {
  t = await openServiceTest();
});
afterAll(() => t.close());
beforeEach(async () => {
  const owned = { organisationId: t.organisationId, tenantId: t.tenantId };
  serverId = (await makeServer(t.database.admin, owned)).id;
  await makeAgent(t.database.admin, { ...owned, serverId });
});

const click = async () => (await refreshFacts(t.owner, { serverId })).jobId;
const stateOf = async (jobId: string) => (await getJob(t.owner, { jobId })).state;

/** Waits until as many statements as that wait for a lock of somebody else. */
const untilWaiting = (count: number) =>
  vi.waitFor(async () => {
    const { rowCount } = await t.database.admin.pool.query(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    expect(rowCount).toBeGreaterThanOrEqual(count);
  });

/** Runs a statement in a transaction that stays open until what is returned is called. */
async function begin(sql: string): Promise<() => Promise<void>> {
  const client = await t.database.admin.pool.connect();
  await client.query(`begin; ${sql}`);
  return async () => {
    await client.query("commit");
    client.release();
  };
}

test("a job says who asked for it: the person by name, and the product where a process of ours did", async () => {
  const asked = async (jobId: string) => (await getJob(t.owner, { jobId })).requestedBy;
  expect(await asked(await click())).toBe(t.owner.actor.name);
  const system = { ...t.owner, actor: { kind: "system", name: "worker" } } as const;
  const { jobId } = await restartService(system, { serverId, service: "postfix" });
  expect(await asked(jobId)).toBe("Mailstead");
});

test("a click is kept although the job that it would replace is cancelled at the same moment", async () => {
  const cancelled = await click();
  // The cancel has written the job's end and waits to write its audit entry; the click comes in between.
  const release = await begin("lock table audit_entries in share row exclusive mode");
  const cancelling = cancelJob(t.owner, { jobId: cancelled });
  await untilWaiting(1);
  const clicking = click();
  await untilWaiting(2);
  await release();
  expect(await cancelling).toEqual({ hasEnded: true });
  const clicked = await clicking;
  expect(clicked).not.toBe(cancelled);
  expect([await stateOf(cancelled), await stateOf(clicked)]).toEqual(["cancelled", "queued"]);
});

test.each(["timed-out", "failed"])(
  "a click is kept although the job that it would replace has %s at the same moment",
  async (end) => {
    const ended = await click();
    const commit = await begin(`update jobs set state = '${end}', ended_at = now() where id = '${ended}'`);
    const clicking = click();
    await untilWaiting(1);
    await commit();
    const clicked = await clicking;
    expect(clicked).not.toBe(ended);
    expect([await stateOf(ended), await stateOf(clicked)]).toEqual([end, "queued"]);
  },
);

test("clicks at the same moment become one job", async () => {
  const clicked = await Promise.all([click(), click(), click()]);
  expect(new Set(clicked).size).toBe(1);
});
