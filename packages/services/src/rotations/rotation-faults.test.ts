import { dkimKeys, dkimRotations } from "@mailstead/db";
import { and, eq, ne } from "drizzle-orm";
import { expect, test } from "vitest";
import { checkDomain, removeDomainServer } from "../domains/index.ts";
import type { TestZone } from "../testing/test-zone.ts";
import { goBackRotation, runDueRotations } from "./index.ts";
import { dayMs, hourMs, minuteMs, openRotationPlay } from "./rotation-play.testing.ts";

const { t, open, start, pass, run, rotationOf, keysOf, runUntil, expectVerifiable, statesOf, storyOf } =
  await openRotationPlay();

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

test("a theft also revokes what a server signed with that has left the domain", async () => {
  const world = await open("former.example");
  const [, second] = world.hosts;
  const former = await second.signing(world.domainName);
  await removeDomainServer(t.owner, { domainId: world.domainId, serverId: second.serverId });
  await pass(3 * dayMs);
  await checkDomain(t.owner, { domainId: world.domainId }, world.zone.resolver);
  expect(await second.signing(world.domainName)).toEqual([]);
  await start(world, "compromise");
  await run(world);
  for (const selector of former) expect(world.zone.textOf(selector)).toMatch(/p=$/);
  await runUntil(world, "done", 2 * dayMs);
  for (const selector of former) expect(world.zone.textOf(selector)).toBeNull();
  const story = (await storyOf(world)).map(({ sentence }) => sentence).join("\n");
  expect(story).toMatch(/former-mx2 has left the domain, and the private keys of .* stay on its disk\./);
  expect(story).not.toContain("former-mx2 is told to destroy");
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

test("a host whose Rspamd goes on with the old keys after the switch turns the rotation back before they end", async () => {
  const world = await open("unheard.example");
  const former = await world.hosts[0].signing(world.domainName);
  await start(world);
  await runUntil(world, "watching");
  world.hosts[0].signsWith = former;
  await pass(2 * hourMs);
  await run(world);
  await pass(5 * minuteMs);
  await run(world);
  expect(await rotationOf(world)).toMatchObject({
    course: "back",
    reason: expect.stringContaining(`signs mail with ${former.join(" and ")}, and not with`),
  });
  expect(await world.hosts[0].signing(world.domainName)).toEqual(former);
});

test("a test that never comes holds up the end of the old keys, and a person is told", async () => {
  const world = await open("silent.example");
  await start(world);
  await runUntil(world, "watching");
  world.hosts[1].isMute = true;
  for (let hours = 0; hours < 30; hours += 6) {
    await pass(6 * hourMs);
    await run(world);
  }
  expect(await rotationOf(world)).toMatchObject({
    step: "watching",
    alarm: expect.stringMatching(/^The last test of silent-mx2 proved nothing/),
  });
  world.hosts[1].isMute = false;
  await runUntil(world, "retiring", 15 * minuteMs);
});

test("a network in which no name server can be asked turns nothing back", async () => {
  const world = await open("cut-off.example");
  await start(world);
  await runUntil(world, "watching");
  const deaf = Object.assign(Object.create(world.zone) as TestZone, {
    publish: (request: Parameters<TestZone["publish"]>[0]) => world.zone.publish(request),
    witness: async (names: readonly string[]) => {
      const heard = await world.zone.witness(names);
      if (heard.kind !== "heard") return heard;
      const silent = { nameServer: "ns1.host.example", address: "127.0.0.3", kind: "failed" as const };
      const answers = [{ ...silent, problem: "it did not answer in time" }];
      return { ...heard, names: names.map((name) => ({ name, answers })) };
    },
  });
  await pass(2 * hourMs);
  await run({ ...world, zone: deaf });
  await run({ ...world, zone: deaf });
  await pass(10 * minuteMs);
  await run({ ...world, zone: deaf });
  expect(await rotationOf(world)).toMatchObject({ course: "forward", step: "watching" });
  await runUntil(world, "retiring", 3 * hourMs);
});

test("a clock that was set back lets no rotation be taken for the one before it", async () => {
  const world = await open("clock.example");
  await start(world);
  await runUntil(world, "retiring", 3 * hourMs);
  await pass(-30 * dayMs);
  const { rotationId } = await start(world);
  for (let look = 0; look < 12; look += 1) {
    await pass(minuteMs);
    await run(world);
  }
  const [gone] = (await t.database.admin.query.select().from(dkimKeys)).filter(
    ({ madeBy }) => madeBy === rotationId,
  );
  expect(gone?.state).toBe("signing");
  world.zone.forget(gone?.selector ?? "");
  await pass(10 * minuteMs);
  await run(world);
  const rotations = await t.database.admin.query.select().from(dkimRotations);
  expect(rotations.find(({ id }) => id === rotationId)).toMatchObject({ course: "back" });
});
