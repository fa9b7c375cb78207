import { expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { checkDomain } from "../domains/index.ts";
import { enrolAgent } from "../enrolment/index.ts";
import { installServer, renewEnrolment } from "../servers/index.ts";
import { anotherMachine, type TestHost } from "../testing/rotation-world.ts";
import { openDelegatedPlay, type Scene, watchStrideMs } from "./delegated-play.testing.ts";
import { getRotation, giveUpLostHost } from "./index.ts";
import { dayMs, hourMs } from "./rotation-play.testing.ts";

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

test("a stranger and an auditor give up no host", async () => {
  const world = await openOwn("foreign-host.example");
  const input = { domainId: world.domainId, serverId: world.hosts[0].serverId };
  await expect(giveUpLostHost(await t.makeStranger(), input)).rejects.toMatchObject({ kind: "not-found" });
  await expect(giveUpLostHost(t.as("auditor"), input)).rejects.toMatchObject({ kind: "forbidden" });
});
