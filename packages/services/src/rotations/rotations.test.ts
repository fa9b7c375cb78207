import { dkimKeys, dkimRotationEvents, dkimRotations } from "@mailstead/db";
import { and, asc, eq, ne } from "drizzle-orm";
import { afterAll, afterEach, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { withTransaction } from "../context/index.ts";
import { checkDomain, removeDomain } from "../domains/index.ts";
import { enrolAgent } from "../enrolment/index.ts";
import { installServer, renewEnrolment } from "../servers/index.ts";
import {
  anotherMachine,
  dkimRecordsOf,
  openRotationTest,
  type RotationTest,
  type TestZone,
} from "../testing/rotation-world.ts";
import { openServiceTest } from "../testing/service-test.ts";
import {
  exportProofLog,
  getRotation,
  goBackRotation,
  listRotationAlarms,
  runDueRotations,
  setRotationSchedule,
  startRotation,
} from "./index.ts";

const t = await openServiceTest();
const opened: TestZone[] = [];
afterEach(async () => {
  for (const zone of opened.splice(0)) zone.close();
  // The worker looks after every rotation that there is, and each test has a zone of its own.
  await t.database.admin.query.delete(dkimRotations);
});
afterAll(() => t.close());

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

async function open(name: string): Promise<RotationTest> {
  const world = await openRotationTest(t, name);
  opened.push(world.zone);
  return world;
}

const start = ({ domainId }: RotationTest, kind: "by-hand" | "compromise" = "by-hand") =>
  startRotation(t.owner, { domainId, kind });

async function pass(ms: number): Promise<void> {
  t.clock.now = new Date(t.clock.now.getTime() + ms);
}

/** One run of the worker, after the hosts have done what they were told. */
async function run({ zone, hosts }: RotationTest): Promise<void> {
  for (const host of hosts) await host.work();
  const { failed } = await runDueRotations(t.system, {
    app: t.database.app,
    installation: t.installation,
    publisher: zone,
    witness: zone.witness,
  });
  for (const { cause } of failed) throw cause;
}

async function rotationOf({ domainId }: RotationTest) {
  const [row] = await t.database.admin.query
    .select()
    .from(dkimRotations)
    .where(eq(dkimRotations.domainId, domainId))
    .orderBy(asc(dkimRotations.startedAt), asc(dkimRotations.id));
  if (row === undefined) throw new Error("there is no rotation");
  return row;
}

async function keysOf({ domainId }: RotationTest, role: "incoming" | "outgoing") {
  const { id } = await rotationOf({ domainId } as RotationTest);
  const all = await t.database.admin.query
    .select()
    .from(dkimKeys)
    .where(eq(dkimKeys.domainId, domainId))
    .orderBy(asc(dkimKeys.selector));
  return all.filter(({ madeBy }) => (madeBy === id) === (role === "incoming"));
}

/** Lets the worker run until the rotation has come to a step, in strides of some minutes. */
async function runUntil(world: RotationTest, step: string, strideMs = minuteMs): Promise<void> {
  for (let look = 0; look < 60; look += 1) {
    if ((await rotationOf(world)).step === step) return;
    await pass(strideMs);
    await run(world);
    await expectVerifiable(world);
  }
  const { step: at, waitsFor, alarm } = await rotationOf(world);
  expect({ at, waitsFor, alarm }).toEqual({ at: step });
}

/** The promise: whatever a host signs with stands in the zone as the very key that it has. */
async function expectVerifiable({ hosts, zone, domainName }: RotationTest): Promise<void> {
  for (const host of hosts)
    for (const selector of await host.signing(domainName)) {
      const key = host.keys.get(selector)?.publicKey;
      expect(zone.textOf(selector)).toContain(`p=${key}`);
    }
}

const statesOf = async (world: RotationTest, role: "incoming" | "outgoing") =>
  [...new Set((await keysOf(world, role)).map(({ state }) => state))].join();

async function storyOf(world: RotationTest) {
  const { id } = await rotationOf(world);
  return t.database.admin.query
    .select()
    .from(dkimRotationEvents)
    .where(eq(dkimRotationEvents.rotationId, id))
    .orderBy(asc(dkimRotationEvents.number));
}

test("a rotation goes all the way, and at no moment does a host sign with what the world does not show", async () => {
  const world = await open("whole.example");
  const former = await world.hosts[0].signing(world.domainName);
  expect(former).toHaveLength(2);
  await start(world);
  await runUntil(world, "waiting-caches");
  expect(await world.hosts[0].signing(world.domainName)).toEqual(former);
  await runUntil(world, "watching");
  expect(await statesOf(world, "incoming")).toBe("signing");
  expect(await statesOf(world, "outgoing")).toBe("retiring");
  const now = await world.hosts[1].signing(world.domainName);
  expect(now).toHaveLength(2);
  await runUntil(world, "retiring", hourMs);
  await pass(6 * dayMs);
  await run(world);
  expect((await rotationOf(world)).step).toBe("retiring");
  await runUntil(world, "revoking", 12 * hourMs);
  for (const selector of former) expect(world.zone.textOf(selector)).toMatch(/p=$/);
  await runUntil(world, "destroying", 5 * dayMs);
  await runUntil(world, "done");
  for (const selector of former) {
    expect(world.zone.textOf(selector)).toBeNull();
    expect(world.hosts[0].keys.has(selector)).toBe(false);
  }
  expect(await statesOf(world, "outgoing")).toBe("destroyed");
  expect(await rotationOf(world)).toMatchObject({ outcome: "finished", endedAt: expect.any(Date) });
  expect(world.zone.names).toHaveLength(4);
});

test("every step is in the story with its evidence and in the audit", async () => {
  const world = await open("story.example");
  await start(world);
  await runUntil(world, "watching");
  const story = await storyOf(world);
  expect(story.map(({ number }) => number)).toEqual(story.map((_, index) => index + 1));
  const steps = story
    .filter(({ kind }) => kind === "step")
    .map(({ evidence }) => (evidence as { to: string }).to);
  expect(steps).toEqual([
    "publishing",
    "propagating",
    "waiting-caches",
    "verifying",
    "switching",
    "watching",
  ]);
  const looks = story.filter(({ kind }) => kind === "looked");
  expect(looks.at(-1)?.evidence).toMatchObject({
    zones: [{ zone: "story.example", servers: [{ serial: expect.any(Number), soaMinimumSeconds: 300 }, {}] }],
  });
  const tested = story.filter(({ kind }) => kind === "tested");
  expect(tested).toHaveLength(2);
  expect(JSON.stringify(tested[0]?.evidence)).toContain("DKIM-Signature");
  const { entries } = await listAudit(t.owner, {});
  const actions = entries
    .filter(({ subjectName }) => subjectName === world.domainName)
    .map(({ action }) => action);
  expect(actions).toContain("start-dkim-rotation");
  expect(actions.filter((action) => action === "advance-dkim-rotation")).toHaveLength(6);
  const { id: rotationId } = await rotationOf(world);
  const shown = await getRotation(t.owner, { domainId: world.domainId });
  expect(shown.current).toMatchObject({ step: "watching", noWayBack: null, byHand: null });
  expect(shown.current?.events).toHaveLength(story.length);
  const json = JSON.parse((await exportProofLog(t.owner, { rotationId, format: "json" })).text);
  expect(json.events).toHaveLength(story.length);
  expect(json.keys).toHaveLength(8);
  const { text } = await exportProofLog(t.owner, { rotationId, format: "text" });
  expect(text).toContain("soaMinimumSeconds 300");
  expect(text).toContain("DKIM-Signature:");
  const csv = await exportProofLog(t.owner, { rotationId, format: "csv" });
  expect(csv.text.split("\r\n")[0]).toBe("number,at,step,kind,actor,sentence,evidence");
  const stranger = await t.makeStranger();
  await expect(exportProofLog(stranger, { rotationId, format: "json" })).rejects.toMatchObject({
    kind: "not-found",
  });
});

test("a provider that fails leaves mail signed by the old keys, raises an alarm, and is tried again until it works", async () => {
  const world = await open("failing.example");
  const former = await world.hosts[0].signing(world.domainName);
  world.zone.refusal = { kind: "failed", sentence: "The API answered 500." };
  await start(world);
  for (let look = 0; look < 10; look += 1) {
    await pass(minuteMs);
    await run(world);
  }
  expect(await rotationOf(world)).toMatchObject({
    step: "publishing",
    alarm: expect.stringContaining("500"),
  });
  expect((await rotationOf(world)).alarm).toContain("Mail stays signed by the old keys.");
  // Tried again, but ever more rarely.
  expect(world.zone.requests.length).toBeGreaterThan(2);
  expect(world.zone.requests.length).toBeLessThan(8);
  expect(await world.hosts[0].signing(world.domainName)).toEqual(former);
  world.zone.refusal = null;
  await runUntil(world, "watching", 10 * minuteMs);
  expect((await rotationOf(world)).alarm).toBeNull();
});

test("records that are pasted by hand are waited for, and seen", async () => {
  const world = await open("pasted.example");
  world.zone.refusal = { kind: "by-hand" };
  await start(world);
  await runUntil(world, "propagating");
  await pass(2 * hourMs);
  await run(world);
  expect((await rotationOf(world)).alarm).toContain("have not been pasted yet");
  const asked = world.zone.requests.at(-1);
  const { current } = await getRotation(t.owner, { domainId: world.domainId });
  expect(current?.byHand?.put).toHaveLength(4);
  world.zone.change({ put: asked?.put ?? [], withdraw: [] });
  await runUntil(world, "watching", 5 * minuteMs);
});

test("a name server that shows the new records late holds the switch up, and the wait for caches begins when it does", async () => {
  const world = await open("late.example");
  world.zone.late.add(1);
  await start(world);
  for (let look = 0; look < 8; look += 1) {
    await pass(10 * minuteMs);
    await run(world);
  }
  expect((await rotationOf(world)).step).toBe("propagating");
  expect(await statesOf(world, "incoming")).toBe("waiting");
  world.zone.late.clear();
  world.zone.show();
  await pass(minuteMs * 5);
  await run(world);
  expect((await rotationOf(world)).step).toBe("waiting-caches");
  await pass(minuteMs);
  await run(world);
  expect((await rotationOf(world)).step).toBe("waiting-caches");
  await runUntil(world, "watching");
});

test("a server that is offline keeps its old key, which stays published until it is back", async () => {
  const world = await open("offline.example");
  const [, second] = world.hosts;
  await start(world);
  await runUntil(world, "waiting-caches");
  await second.setOnline(false);
  const former = await second.signing(world.domainName);
  await runUntil(world, "switching");
  for (let day = 0; day < 20; day += 1) {
    await pass(dayMs);
    await run(world);
    await expectVerifiable(world);
  }
  expect(await second.signing(world.domainName)).toEqual(former);
  expect(await rotationOf(world)).toMatchObject({
    step: "switching",
    alarm: expect.stringContaining("is offline"),
  });
  for (const selector of former) expect(world.zone.textOf(selector)).not.toBeNull();
  await second.setOnline(true);
  await runUntil(world, "watching");
  expect(await second.signing(world.domainName)).not.toEqual(former);
});

test("a server that is cut off while it is watched holds up retirement", async () => {
  const world = await open("cut.example");
  await start(world);
  await runUntil(world, "watching");
  await world.hosts[1].setOnline(false);
  await pass(3 * dayMs);
  await run(world);
  expect(await rotationOf(world)).toMatchObject({
    step: "watching",
    alarm: expect.stringContaining("is offline"),
  });
  await world.hosts[1].setOnline(true);
  await runUntil(world, "retiring", 15 * minuteMs);
});

test("a switch that was lost on its way is told again, and retirement waits for it", async () => {
  const world = await open("lost.example");
  const [, second] = world.hosts;
  await start(world);
  await runUntil(world, "verifying");
  second.isObedient = false;
  for (let look = 0; look < 10; look += 1) {
    await pass(5 * minuteMs);
    await run(world);
  }
  expect((await rotationOf(world)).step).toBe("switching");
  expect((await storyOf(world)).some(({ sentence }) => sentence.includes("is told again"))).toBe(true);
  second.isObedient = true;
  await runUntil(world, "watching", 5 * minuteMs);
});

test("a key on a host that is not the one it told of never signs", async () => {
  const world = await open("lying.example");
  world.hosts[1].isLying = true;
  const former = await world.hosts[1].signing(world.domainName);
  await start(world);
  await runUntil(world, "verifying");
  for (let look = 0; look < 6; look += 1) {
    await pass(15 * minuteMs);
    await run(world);
  }
  expect(await rotationOf(world)).toMatchObject({
    step: "verifying",
    alarm: expect.stringContaining("does not verify"),
  });
  expect(await world.hosts[1].signing(world.domainName)).toEqual(former);
});

test("when the watch sees a new key fail, signing goes back to the old ones by itself and the new ones end", async () => {
  const world = await open("back.example");
  const former = await world.hosts[0].signing(world.domainName);
  await start(world);
  await runUntil(world, "watching");
  const [gone] = await keysOf(world, "incoming");
  world.zone.forget(gone?.selector ?? "");
  await pass(10 * minuteMs);
  await run(world);
  expect(await rotationOf(world)).toMatchObject({
    course: "back",
    reason: expect.stringContaining("no longer shows the new key"),
  });
  expect(await world.hosts[0].signing(world.domainName)).toEqual(former);
  await runUntil(world, "retiring", 5 * minuteMs);
  await runUntil(world, "done", 5 * dayMs);
  expect(await rotationOf(world)).toMatchObject({ outcome: "went-back" });
  expect(await statesOf(world, "outgoing")).toBe("signing");
  expect(await statesOf(world, "incoming")).toBe("destroyed");
  // The keys that stayed can be rotated again.
  await start(world);
});

test("a test signature that fails while it is watched turns the rotation back", async () => {
  const world = await open("broken.example");
  await start(world);
  await runUntil(world, "watching");
  world.hosts[0].isLying = true;
  await pass(2 * hourMs);
  await run(world);
  await run(world);
  await pass(5 * minuteMs);
  await run(world);
  expect(await rotationOf(world)).toMatchObject({
    course: "back",
    reason: expect.stringContaining("does not verify"),
  });
});

test("a person may turn a rotation back before the switch, and then the new keys end without a wait", async () => {
  const world = await open("cancelled.example");
  const former = await world.hosts[0].signing(world.domainName);
  await start(world);
  await runUntil(world, "waiting-caches");
  await expect(goBackRotation(t.as("auditor"), world)).rejects.toMatchObject({ kind: "forbidden" });
  await goBackRotation(t.owner, { domainId: world.domainId });
  await runUntil(world, "done");
  expect(await rotationOf(world)).toMatchObject({ outcome: "cancelled" });
  expect(world.zone.names).toHaveLength(4);
  expect(await world.hosts[0].signing(world.domainName)).toEqual(former);
  await expect(goBackRotation(t.owner, { domainId: world.domainId })).rejects.toMatchObject({
    kind: "not-found",
  });
});

test("after a theft the old keys sign no more and are revoked at once, and the new ones sign without a wait", async () => {
  const world = await open("stolen.example");
  const former = await world.hosts[0].signing(world.domainName);
  await start(world, "compromise");
  expect(await world.hosts[0].signing(world.domainName)).toEqual([]);
  await run(world);
  for (const selector of former) expect(world.zone.textOf(selector)).toMatch(/p=$/);
  for (let look = 0; look < 5; look += 1) {
    await pass(15_000);
    await run(world);
    await expectVerifiable(world);
  }
  expect((await rotationOf(world)).step).toBe("revoking");
  expect(await world.hosts[0].signing(world.domainName)).toHaveLength(2);
  await expect(goBackRotation(t.owner, { domainId: world.domainId })).rejects.toMatchObject({
    kind: "precondition-failed",
  });
});

test("a theft cuts short a rotation that is under way, and all its keys end", async () => {
  const world = await open("twice.example");
  await start(world);
  await runUntil(world, "watching");
  await expect(start(world)).rejects.toMatchObject({ kind: "conflict" });
  await start(world, "compromise");
  expect((await rotationOf(world)).outcome).toBe("superseded");
  const underWay = await t.database.admin.query
    .select()
    .from(dkimRotations)
    .where(and(eq(dkimRotations.domainId, world.domainId), ne(dkimRotations.step, "done")));
  expect(underWay).toHaveLength(1);
  for (let look = 0; look < 5; look += 1) {
    await pass(15_000);
    await run(world);
    await expectVerifiable(world);
  }
  expect(await world.hosts[0].signing(world.domainName)).toHaveLength(2);
  const ended = await t.database.admin.query
    .select()
    .from(dkimKeys)
    .where(and(eq(dkimKeys.domainId, world.domainId), eq(dkimKeys.state, "revoked")));
  expect(ended).toHaveLength(8);
});

test("a worker that dies between steps leaves a rotation that the next one finishes, and two never work on one", async () => {
  const world = await open("killed.example");
  await start(world);
  await runUntil(world, "waiting-caches");
  const { id } = await rotationOf(world);
  await t.database.admin.query
    .update(dkimRotations)
    .set({ leasedUntil: new Date(t.clock.now.getTime() + minuteMs) })
    .where(eq(dkimRotations.id, id));
  const before = await storyOf(world);
  await run(world);
  expect(await storyOf(world)).toEqual(before);
  await runUntil(world, "watching", 5 * minuteMs);
  await pass(minuteMs * 10);
  await Promise.all([run(world), run(world), run(world)]);
  const numbers = (await storyOf(world)).map(({ number }) => number);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test("a crash after the provider was asked asks again and writes nothing twice", async () => {
  const world = await open("crash.example");
  await start(world);
  const crashing = Object.assign(Object.create(world.zone) as TestZone, {
    publish: async (request: Parameters<TestZone["publish"]>[0]) => {
      await world.zone.publish(request);
      throw new Error("the worker was killed");
    },
  });
  for (const host of world.hosts) await host.work();
  await pass(minuteMs);
  const { failed } = await runDueRotations(t.system, {
    app: t.database.app,
    installation: t.installation,
    publisher: crashing,
    witness: world.zone.witness,
  });
  expect(failed).toHaveLength(1);
  expect(world.zone.names).toHaveLength(8);
  await runUntil(world, "watching");
  expect(world.zone.names).toHaveLength(8);
});

test("a domain's turn comes by its schedule, and not while first keys wait", async () => {
  const world = await open("schedule.example");
  const due = () =>
    runDueRotations(t.system, {
      app: t.database.app,
      installation: t.installation,
      publisher: world.zone,
      witness: world.zone.witness,
    });
  await due();
  const { rows } = await t.database.admin.pool.query("select next_rotation_at from domains where id = $1", [
    world.domainId,
  ]);
  expect(rows[0].next_rotation_at.getTime()).toBeGreaterThan(t.clock.now.getTime() + 40 * dayMs);
  await setRotationSchedule(t.owner, { domainId: world.domainId, intervalDays: null });
  expect((await getRotation(t.owner, { domainId: world.domainId })).schedule).toEqual({
    intervalDays: null,
    nextAt: null,
  });
  await setRotationSchedule(t.owner, { domainId: world.domainId, intervalDays: 90 });
  expect((await getRotation(t.owner, { domainId: world.domainId })).schedule.nextAt).toEqual(
    rows[0].next_rotation_at,
  );
  t.clock.now = new Date(rows[0].next_rotation_at.getTime() + minuteMs);
  const { started } = await due();
  expect(started.map(({ domainId }) => domainId)).toContain(world.domainId);
  expect(await rotationOf(world)).toMatchObject({ kind: "scheduled", startedBy: "worker" });
});

test("a host that is lost in the middle of a rotation gets first keys of its own, and the rotation ends without it", async () => {
  const world = await open("replaced.example");
  const [, second] = world.hosts;
  await start(world);
  await runUntil(world, "watching");
  const { token } = await renewEnrolment(t.owner, { serverId: second.serverId });
  await enrolAgent(t.gateway, anotherMachine(token));
  second.keys.clear();
  await installServer(t.owner, { serverId: second.serverId });
  await second.setOnline(true);
  expect(await second.signing(world.domainName)).toEqual([]);
  await runUntil(world, "retiring", hourMs);
  // What the lost host had signed is still on its way.
  const ended = await keysOf(world, "outgoing");
  for (const { selector, state } of ended)
    if (state === "retiring") expect(world.zone.textOf(selector)).not.toBeNull();
  const records = await dkimRecordsOf(t, world.domainId);
  world.zone.change({ put: records, withdraw: [] });
  await checkDomain(t.owner, { domainId: world.domainId }, world.zone.resolver);
  expect(await second.signing(world.domainName)).toHaveLength(2);
  await runUntil(world, "done", 3 * dayMs);
  expect(await rotationOf(world)).toMatchObject({ outcome: "finished" });
  expect(await second.signing(world.domainName)).toHaveLength(2);
  await expectVerifiable(world);
});

test("a rotation that needs a person is on the start page, and a domain that is removed takes it along", async () => {
  const world = await open("removed.example");
  world.zone.refusal = { kind: "refused", sentence: "The token has no right to write." };
  await start(world);
  await pass(minuteMs);
  await run(world);
  expect(await listRotationAlarms(t.owner)).toEqual([
    expect.objectContaining({
      domainId: world.domainId,
      sentence: expect.stringContaining("no right to write"),
    }),
  ]);
  expect(await listRotationAlarms(await t.makeStranger())).toEqual([]);
  await removeDomain(t.owner, { domainId: world.domainId, removesMailboxes: true });
  expect(await listRotationAlarms(t.owner)).toEqual([]);
});

test("a stranger sees and starts no rotation", async () => {
  const world = await open("stranger.example");
  const stranger = await t.makeStranger();
  await expect(startRotation(stranger, { domainId: world.domainId, kind: "by-hand" })).rejects.toMatchObject({
    kind: "not-found",
  });
  await expect(
    startRotation(t.as("auditor"), { domainId: world.domainId, kind: "by-hand" }),
  ).rejects.toMatchObject({
    kind: "forbidden",
  });
  await start(world);
  const seen = await withTransaction(stranger, (tx) => tx.select().from(dkimRotations));
  expect(seen).toEqual([]);
});
