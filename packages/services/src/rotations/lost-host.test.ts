import { expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { checkDomain, getDomain } from "../domains/index.ts";
import { enrolAgent } from "../enrolment/index.ts";
import { installServer, renewEnrolment } from "../servers/index.ts";
import { anotherMachine, type TestHost } from "../testing/rotation-world.ts";
import { openDelegatedPlay, type Scene, watchStrideMs } from "./delegated-play.testing.ts";
import { getRotation, giveUpLostHost } from "./index.ts";
import { dayMs, hourMs, minuteMs } from "./rotation-play.testing.ts";

const {
  t,
  open,
  openOwn,
  start,
  runFirstKeys,
  expectVerifiable,
  pass,
  newest,
  runUntil,
  live,
  selectorsOf,
  keysOf,
} = await openDelegatedPlay();

const giveUp = (world: Scene, host: TestHost) =>
  giveUpLostHost(t.owner, { domainId: world.domainId, serverId: host.serverId });

async function replaceMachine(host: TestHost): Promise<void> {
  const { token } = await renewEnrolment(t.owner, { serverId: host.serverId });
  await enrolAgent(t.gateway, anotherMachine(token));
  host.keys.clear();
  await installServer(t.owner, { serverId: host.serverId });
  await host.setOnline(true);
  await host.work();
}

test("a host that is lost for good while both names are taken gives them up, and the next machine signs behind one", async () => {
  const world = await open("gone.example");
  await start(world);
  await runUntil(world, "retiring", watchStrideMs);
  await start(world);
  await runUntil(world, "retiring", watchStrideMs);
  const [first] = world.hosts;
  await expect(giveUp(world, first)).rejects.toMatchObject({ kind: "precondition-failed" });
  await first.setOnline(false);
  const away = async () => (await getRotation(t.owner, world)).hostsAway.map(({ name }) => name);
  expect(await away()).toEqual(["gone-mx1"]);
  await giveUp(world, first);
  expect(await away()).toEqual([]);
  const planned = (await keysOf(world)).filter(({ state }) => state === "waiting");
  expect(planned.map(({ signsAs }) => signsAs).sort()).toEqual(["ms1", "ms1e"]);
  await replaceMachine(first);
  await runFirstKeys(world);
  // Nothing was pasted: the record stands behind the alias that is there since the beginning.
  const fresh = [...first.keys.values()].map(({ publicKey }) => publicKey);
  expect(fresh.some((key) => world.zone.textOf("ms1")?.includes(key))).toBe(true);
  const check = () => checkDomain(t.owner, { domainId: world.domainId }, world.zone.resolver);
  // Resolvers may remember what the lost host signed with.
  expect((await check()).startedSigning).toEqual([]);
  await pass(world, 7 * hourMs);
  expect((await check()).startedSigning).toHaveLength(2);
  expect(await selectorsOf(world)).toEqual(["ms1", "ms1e"]);
  await expectVerifiable(world);
  // The other host's keys go on as if nothing had been.
  expect(await selectorsOf(world, 1)).toEqual(["ms4", "ms4e"]);
  await live(world, 45, 3);
  expect((await getRotation(t.owner, world)).current).toBeNull();
  await start(world);
  await runUntil(world, "watching");
  expect(await selectorsOf(world)).toEqual(["ms2", "ms2e"]);
}, 60_000);

test("a rotation that waits for a host which never comes back goes on without it once a person says so", async () => {
  const world = await open("stuck.example");
  const [first, second] = world.hosts;
  await start(world);
  await runUntil(world, "waiting-caches");
  await second.setOnline(false);
  await runUntil(world, "switching");
  for (let day = 0; day < 3; day += 1) await pass(world, dayMs);
  expect(await newest(world)).toMatchObject({
    step: "switching",
    alarm: expect.stringContaining("is offline"),
  });
  const { concerns } = await getRotation(t.owner, world);
  expect(concerns).toEqual([]);
  await giveUp(world, second);
  await runUntil(world, "watching");
  expect(await second.signing(world.domainName)).toEqual([]);
  await runUntil(world, "done", 2 * dayMs);
  expect(await newest(world)).toMatchObject({ outcome: "finished", alarm: null });
  expect(await first.signing(world.domainName)).toHaveLength(2);
  // What the lost host had signed with under its own name is revoked and taken away with the others.
  expect(world.zone.names.filter((name) => name.endsWith(world.domainName))).toEqual([]);
  const { entries } = await listAudit(t.owner, {});
  expect(entries.filter(({ action }) => action === "give-up-lost-host")).toHaveLength(2);
});

test("a machine that comes back after it was given up signs with none of its former keys", async () => {
  const world = await openOwn("back-again.example");
  const [, second] = world.hosts;
  const former = await second.signing(world.domainName);
  await second.setOnline(false);
  await giveUp(world, second);
  await second.setOnline(true);
  await second.work();
  for (const selector of former) expect(second.keys.has(selector)).toBe(false);
  await runFirstKeys(world);
  await checkDomain(t.owner, { domainId: world.domainId }, world.zone.resolver);
  const now = await second.signing(world.domainName);
  expect(now).toHaveLength(2);
  expect(now.some((selector) => former.includes(selector))).toBe(false);
  // Mail of the former keys is on its way, until the next rotation ends them.
  for (const selector of former) expect(world.zone.textOf(selector)).not.toBeNull();
  await start(world);
  await runUntil(world, "done", dayMs);
  for (const selector of former) expect(world.zone.textOf(selector)).toBeNull();
});

test("what a machine signed with goes on standing when another takes its place, until a rotation ends it", async () => {
  const world = await openOwn("moved.example");
  const [, second] = world.hosts;
  const former = await second.signing(world.domainName);
  const published = former.map((selector) => world.zone.textOf(selector));
  await replaceMachine(second);
  // Its mail may be on its way, and the machine itself may go on for a while.
  const { records } = await getDomain(t.owner, world);
  for (const [index, selector] of former.entries())
    expect(records).toContainEqual(
      expect.objectContaining({ name: `${selector}._domainkey.moved.example`, value: published[index] }),
    );
  await runFirstKeys(world);
  await checkDomain(t.owner, { domainId: world.domainId }, world.zone.resolver);
  expect(await second.signing(world.domainName)).toHaveLength(2);
  for (const selector of former) expect(second.keys.has(selector)).toBe(false);
  await start(world);
  await runUntil(world, "revoking", dayMs);
  await pass(world, minuteMs);
  for (const selector of former) expect(world.zone.textOf(selector)).toMatch(/p=$/);
});

test("a theft that is told once a clean machine stands in the place of the stolen one revokes the stolen keys", async () => {
  const world = await open("taken.example");
  await start(world);
  await runUntil(world, "retiring", watchStrideMs);
  const [first, second] = world.hosts;
  const stolen = [first, second].flatMap(({ keys }) => [...keys.values()].map(({ publicKey }) => publicKey));
  expect(world.zone.texts.filter((text) => stolen.some((key) => text.includes(key)))).toHaveLength(8);
  await replaceMachine(first);
  await replaceMachine(second);
  await start(world, "compromise");
  for (let look = 0; look < 3; look += 1) await pass(world, minuteMs);
  expect(world.zone.texts.filter((text) => stolen.some((key) => text.includes(key)))).toEqual([]);
});

test("stolen keys are revoked though every machine is replaced before the new ones sign", async () => {
  const world = await openOwn("all-taken.example");
  const former = (await Promise.all(world.hosts.map((host) => host.signing(world.domainName)))).flat();
  world.zone.refusal = { kind: "failed", sentence: "The provider answered 500." };
  await start(world, "compromise");
  await pass(world, minuteMs);
  for (const host of world.hosts) await replaceMachine(host);
  world.zone.refusal = null;
  await pass(world, 2 * hourMs);
  for (const selector of former) expect(world.zone.textOf(selector)).toMatch(/p=$/);
  await runUntil(world, "done", 2 * dayMs);
  for (const selector of former) expect(world.zone.textOf(selector)).toBeNull();
});

test("rotations of the other hosts go on while nobody has set up a machine in the place of a lost one", async () => {
  const world = await openOwn("one-left.example");
  const [first, second] = world.hosts;
  const former = await first.signing(world.domainName);
  await second.setOnline(false);
  await giveUp(world, second);
  await start(world);
  await runUntil(world, "watching");
  expect(await first.signing(world.domainName)).not.toEqual(former);
  // The machine that comes after all has keys that nobody has to make anew.
  await replaceMachine(second);
  await runFirstKeys(world);
  await checkDomain(t.owner, { domainId: world.domainId }, world.zone.resolver);
  expect(await second.signing(world.domainName)).toHaveLength(2);
});

test("a stranger and an auditor give up no host", async () => {
  const world = await openOwn("foreign-host.example");
  const input = { domainId: world.domainId, serverId: world.hosts[0].serverId };
  await expect(giveUpLostHost(await t.makeStranger(), input)).rejects.toMatchObject({ kind: "not-found" });
  await expect(giveUpLostHost(t.as("auditor"), input)).rejects.toMatchObject({ kind: "forbidden" });
});
