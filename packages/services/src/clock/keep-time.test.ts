import { dkimKeys, dkimRotations, leftDkimKeys, timeKept } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { withTransaction } from "../context/index.ts";
import { dayMs, minuteMs, openRotationPlay } from "../rotations/rotation-play.testing.ts";
import { isTimeSureNow, keepTime, readClockProblem } from "./index.ts";

const { t, open, start, pass, run, rotationOf, keysOf, runUntil } = await openRotationPlay();

/** The database's clock of the test, which does not move with the worker's. */
const database = { now: new Date(t.clock.now) };
const keep = () => keepTime(t.system, { readDatabaseClock: async () => database.now });
const isSure = () => withTransaction(t.owner, (tx) => isTimeSureNow(tx, t.owner));

/** Time as both clocks and the worker see it. */
async function live(ms: number, strideMs = 30_000): Promise<void> {
  for (let lived = 0; lived < ms; lived += strideMs) {
    await pass(strideMs);
    database.now = new Date(database.now.getTime() + strideMs);
    await keep();
  }
}

beforeEach(async () => {
  await t.database.admin.query.delete(timeKept);
  database.now = new Date(t.clock.now);
});

test("before a worker compared clocks, and while it does, waits end as they should", async () => {
  expect(await isSure()).toBe(true);
  expect(await keep()).toEqual({ skewMs: null, isNew: false, movedMs: null });
  await live(2 * minuteMs);
  expect(await isSure()).toBe(true);
});

test("clocks that disagree are told once, to who sees the whole organisation, until they agree again", async () => {
  await keep();
  await pass(7 * dayMs);
  expect(await keep()).toEqual({ skewMs: 7 * dayMs, isNew: true, movedMs: null });
  expect(await keep()).toMatchObject({ skewMs: 7 * dayMs, isNew: false });
  expect(await isSure()).toBe(false);
  expect((await readClockProblem(t.owner))?.sentence).toMatch(
    /^The worker's clock is 7 days ahead of the database's\. Until they agree nothing ends/,
  );
  expect(await readClockProblem(t.as("admin", t.tenantId))).toBeNull();
  await pass(-7 * dayMs);
  expect(await keep()).toMatchObject({ skewMs: null, isNew: true });
  expect(await readClockProblem(t.owner)).toBeNull();
  expect(await isSure()).toBe(true);
});

test("a real database says what time it is", async () => {
  const clock = { ...t.system, now: () => new Date() };
  expect(await keepTime(clock)).toMatchObject({ skewMs: null });
});

test("a worker's clock that jumps forward ends no wait for caches, before and after the clocks are compared", async () => {
  const world = await open("jump.example");
  await start(world);
  await runUntil(world, "waiting-caches");
  database.now = new Date(t.clock.now);
  await keep();
  await pass(7 * dayMs);
  await run(world);
  expect((await rotationOf(world)).step).toBe("waiting-caches");
  await keep();
  await run(world);
  expect((await rotationOf(world)).step).toBe("waiting-caches");
  await pass(-7 * dayMs);
  await keep();
  await run(world);
  expect((await rotationOf(world)).step).toBe("waiting-caches");
  await live((await rotationOf(world)).cacheWaitMs + minuteMs);
  await runUntil(world, "watching", 1000);
});

test("a clock that worker and database share and that jumps forward ends neither the watch nor the retirement", async () => {
  const world = await open("shared.example");
  await start(world);
  await runUntil(world, "retiring", 3 * 60 * minuteMs);
  database.now = new Date(t.clock.now);
  await keep();
  const { stepSince } = await rotationOf(world);
  await pass(8 * dayMs);
  database.now = new Date(t.clock.now);
  await run(world);
  expect((await rotationOf(world)).step).toBe("retiring");
  expect(await keep()).toMatchObject({ movedMs: 8 * dayMs - minuteMs });
  await run(world);
  const row = await rotationOf(world);
  expect(row.step).toBe("retiring");
  expect(row.stepSince.getTime() - stepSince.getTime()).toBe(8 * dayMs - minuteMs);
});

test("a clock that is set back makes waits longer and leaves no rotation unattended", async () => {
  const world = await open("back-in-time.example");
  await start(world);
  await runUntil(world, "waiting-caches");
  database.now = new Date(t.clock.now);
  await keep();
  await pass(-7 * dayMs);
  database.now = new Date(t.clock.now);
  await keep();
  const row = await rotationOf(world);
  expect(row.stepSince).toEqual(t.clock.now);
  expect(row.lookAgainAt).toEqual(t.clock.now);
  for (const { shownSince } of await keysOf(world, "incoming")) expect(shownSince).toEqual(t.clock.now);
  await run(world);
  expect((await rotationOf(world)).step).toBe("waiting-caches");
  await live((await rotationOf(world)).cacheWaitMs + minuteMs);
  await runUntil(world, "watching", 1000);
});

test("a clock that was years ahead leaves nothing for years later: no worker's claim, no publication, no test", async () => {
  const world = await open("years.example");
  const yearsMs = 20 * 365 * dayMs;
  const back = async () => {
    await pass(-yearsMs);
    database.now = new Date(t.clock.now);
    await keep();
  };
  world.zone.refusal = { kind: "failed", sentence: "The provider is away." };
  await start(world);
  await runUntil(world, "publishing");
  database.now = new Date(t.clock.now);
  await keep();
  await pass(yearsMs);
  await keep();
  await run(world);
  // The worker died with the rotation in hand.
  const leasedUntil = new Date(t.clock.now.getTime() + 3 * minuteMs);
  await t.database.admin.query.update(dkimRotations).set({ leasedUntil });
  world.zone.refusal = null;
  await back();
  for (let look = 0; look < 3; look += 1) {
    await live(10 * minuteMs);
    await run(world);
  }
  await runUntil(world, "watching", 1000);
  await pass(yearsMs);
  await keep();
  await run(world);
  await run(world);
  await back();
  await run(world);
  const { progress } = await rotationOf(world);
  const { servers } = progress as { servers: Record<string, { test: { askedAt: string } }> };
  for (const { test: asked } of Object.values(servers)) expect(new Date(asked.askedAt)).toEqual(t.clock.now);
});

test("a machine that starts in a year long past and then hears the time waits for nothing longer than a whole wait", async () => {
  const world = await open("dead-battery.example");
  const [key] = await t.database.admin.query
    .select()
    .from(dkimKeys)
    .where(eq(dkimKeys.domainId, world.domainId));
  if (key === undefined) throw new Error("the domain has no key");
  const { organisationId, tenantId, serverId, selector } = key;
  const endsAt = new Date(t.clock.now.getTime() + 3 * dayMs);
  await t.database.admin.query.insert(leftDkimKeys).values({
    ...{ organisationId, tenantId, serverId, selector },
    domainName: world.domainName,
    destroyFrom: endsAt,
    createdAt: t.clock.now,
  });
  await t.database.admin.query
    .update(dkimKeys)
    .set({ state: "retiring", recordEndsAt: endsAt })
    .where(eq(dkimKeys.id, key.id));
  for (const ms of [0, -26 * 365 * dayMs, 26 * 365 * dayMs]) {
    await pass(ms);
    database.now = new Date(t.clock.now);
    await keep();
  }
  const [after] = await t.database.admin.query.select().from(dkimKeys).where(eq(dkimKeys.id, key.id));
  const [left] = await t.database.admin.query.select().from(leftDkimKeys);
  const daysTo = (moment: Date | null | undefined) =>
    Math.round(((moment?.getTime() ?? 0) - t.clock.now.getTime()) / dayMs);
  expect([daysTo(after?.recordEndsAt), daysTo(left?.destroyFrom)]).toEqual([30, 7]);
});

test("what waits for nothing is not moved", async () => {
  const world = await open("unmoved.example");
  await keep();
  await pass(8 * dayMs);
  database.now = new Date(t.clock.now);
  await keep();
  const keys = await t.database.admin.query
    .select()
    .from(dkimKeys)
    .where(eq(dkimKeys.domainId, world.domainId));
  for (const { shownSince, endedAt, recordEndsAt } of keys)
    expect({ shownSince, endedAt, recordEndsAt }).toEqual({
      shownSince: null,
      endedAt: null,
      recordEndsAt: null,
    });
  expect(await t.database.admin.query.select().from(dkimRotations)).toEqual([]);
});
