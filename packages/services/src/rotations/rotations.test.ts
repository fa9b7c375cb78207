import { dkimRotations } from "@mailstead/db";
import { expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { withTransaction } from "../context/index.ts";
import { checkDomain, removeDomain } from "../domains/index.ts";
import { enrolAgent } from "../enrolment/index.ts";
import { installServer, renewEnrolment } from "../servers/index.ts";
import { anotherMachine, dkimRecordsOf } from "../testing/rotation-world.ts";
import {
  exportProofLog,
  getRotation,
  listRotationAlarms,
  runDueRotations,
  setRotationSchedule,
  startRotation,
} from "./index.ts";
import { dayMs, hourMs, minuteMs, openRotationPlay } from "./rotation-play.testing.ts";

const { t, open, start, pass, run, rotationOf, keysOf, runUntil, expectVerifiable, statesOf, storyOf } =
  await openRotationPlay();

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
  await expect(now).toHaveLength(2);
  await runUntil(world, "retiring", 3 * hourMs);
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
  const switched = entries.find(({ after }) => (after as { step?: string } | null)?.step === "switching");
  expect(switched?.after).toMatchObject({
    evidence: {
      nameServers: [{ zone: "story.example", serial: expect.any(Number) }, {}],
      servers: [{ test: { state: "passed" } }, { test: { state: "passed" } }],
      publication: { kind: "published" },
    },
  });
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
  await runUntil(world, "retiring", 3 * hourMs);
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
