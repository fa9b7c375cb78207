import { type dkimKeys, dkimRotations, dnsConnections } from "@mailstead/db";
import { desc, eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { delegateDomainKeys, getDomainDelegation, setDelegationZone } from "../dkim-delegation/index.ts";
import { checkDomain, getDomain } from "../domains/index.ts";
import { enrolAgent } from "../enrolment/index.ts";
import { installServer, renewEnrolment } from "../servers/index.ts";
import { anotherMachine, openRotationTest, type RotationTest } from "../testing/rotation-world.ts";
import { openServiceTest } from "../testing/service-test.ts";
import type { TestZone } from "../testing/test-zone.ts";
import { getRotation, goBackRotation, runDueRotations, startRotation } from "./index.ts";

const ourZone = "keys.example";
const delegationZone = `dkim.${ourZone}`;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** A watch looks every few minutes and takes a day; nothing happens in between that one look in some hours would miss. */
const watchStrideMs = 4 * hourMs;
/** A resolver that keeps what it heard for as long as the zones of these tests let it. */
const rememberedMs = 5 * minuteMs;

const t = await openServiceTest();
const opened: TestZone[] = [];
beforeAll(async () => {
  await t.database.admin.query.insert(dnsConnections).values({
    id: crypto.randomUUID(),
    organisationId: t.organisationId,
    provider: "powerdns",
    label: "Ours",
    box: "sealed",
    zones: [{ id: "1", name: ourZone }],
    state: "working",
    testRequestedAt: t.clock.now,
    createdAt: t.clock.now,
  });
  await setDelegationZone(t.owner, { zone: delegationZone });
});
afterEach(async () => {
  for (const zone of opened.splice(0)) zone.close();
  await t.database.admin.query.delete(dkimRotations);
});
afterAll(() => t.close());

interface Scene extends RotationTest {
  /** What was shown under each selector, and when it was shown last. */
  memory: Map<string, Map<string, number>>;
}

/** A domain on two servers that has handed its names over; its first keys still stand in its own zone. */
async function open(name: string): Promise<Scene> {
  const world = await openRotationTest(t, name, ourZone);
  opened.push(world.zone);
  await delegateDomainKeys(t.owner, world);
  const { records } = await getDomain(t.owner, world);
  world.zone.paste(records.filter(({ purpose }) => purpose === "dkim-alias"));
  await checkDomain(t.owner, { domainId: world.domainId }, world.zone.resolver);
  return { ...world, memory: new Map() };
}

const start = ({ domainId }: Scene, kind: "by-hand" | "compromise" = "by-hand") =>
  startRotation(t.owner, { domainId, kind });

async function run({ zone, hosts }: Scene): Promise<void> {
  for (const host of hosts) await host.work();
  const { failed } = await runDueRotations(t.system, {
    app: t.database.app,
    installation: t.installation,
    publisher: zone,
    witness: zone.witness,
  });
  for (const { cause } of failed) throw cause;
}

/** The promise: whatever a resolver may remember of a name that a host signs under is the very key that it signs with. */
async function expectVerifiable({ hosts, zone, domainName, memory }: Scene): Promise<void> {
  const nowMs = t.clock.now.getTime();
  for (const number of [1, 2, 3, 4])
    for (const selector of [`ms${number}`, `ms${number}e`]) {
      const seen = memory.get(selector) ?? new Map<string, number>();
      memory.set(selector, seen.set(zone.textOf(selector) ?? "", nowMs));
    }
  for (const host of hosts)
    for (const { selector, signsAs } of await host.signatures(domainName)) {
      const publicKey = host.keys.get(selector)?.publicKey;
      expect(zone.textOf(signsAs)).toContain(`p=${publicKey}`);
      for (const [text, seenMs] of memory.get(signsAs) ?? [])
        if (text !== "" && nowMs - seenMs < rememberedMs) expect(text).toContain(`p=${publicKey}`);
    }
}

async function pass(world: Scene, ms: number): Promise<void> {
  t.clock.now = new Date(t.clock.now.getTime() + ms);
  await run(world);
  await expectVerifiable(world);
}

async function newest({ domainId }: Scene) {
  const [row] = await t.database.admin.query
    .select()
    .from(dkimRotations)
    .where(eq(dkimRotations.domainId, domainId))
    .orderBy(desc(dkimRotations.startedAt), desc(dkimRotations.id));
  if (row === undefined) throw new Error("there is no rotation");
  return row;
}

async function runUntil(world: Scene, step: string, strideMs = minuteMs): Promise<void> {
  for (let look = 0; look < 60; look += 1) {
    if ((await newest(world)).step === step) return;
    await pass(world, strideMs);
  }
  const { step: at, waitsFor, alarm } = await newest(world);
  expect({ at, waitsFor, alarm }).toEqual({ at: step });
}

/** As if the time came by itself: some days of looks, with the hosts at work. */
async function live(world: Scene, days: number): Promise<void> {
  for (let day = 0; day < days; day += 1) await pass(world, dayMs);
}

const selectorsOf = async ({ hosts, domainName }: Scene, place: 0 | 1 = 0) =>
  (await hosts[place].signatures(domainName)).map(({ signsAs }) => signsAs).sort();

async function keysOf({ domainId }: Scene): Promise<(typeof dkimKeys.$inferSelect)[]> {
  const { rows } = await t.database.admin.pool.query(
    `select selector, state, signs_as as "signsAs", published_at_name as "publishedAtName" from dkim_keys
     where domain_id = $1 order by selector`,
    [domainId],
  );
  return rows;
}

test("a domain is switched to delegated names by a rotation, and its customer pastes nothing ever after", async () => {
  const world = await open("handed.example");
  await start(world);
  await runUntil(world, "watching");
  expect(await selectorsOf(world)).toEqual(["ms1", "ms1e"]);
  expect(await selectorsOf(world, 1)).toEqual(["ms3", "ms3e"]);
  const put = world.zone.requests.flatMap((request) => request.put);
  expect(put.filter(({ name }) => !name.endsWith(delegationZone))).toEqual([]);
  await live(world, 30);
  await start(world);
  await runUntil(world, "watching");
  expect(await selectorsOf(world)).toEqual(["ms2", "ms2e"]);
  await live(world, 30);
  await start(world);
  await runUntil(world, "watching");
  expect(await selectorsOf(world)).toEqual(["ms1", "ms1e"]);
  const { aliases, isInUse } = await getDomainDelegation(t.owner, world);
  expect(isInUse).toBe(true);
  expect(aliases).toHaveLength(8);
  const own = await keysOf(world);
  expect(new Set(own.map(({ selector }) => selector)).size).toBe(own.length);
}, 60_000);

test("the servers of both zones are asked, and one that is late holds the switch up", async () => {
  const world = await open("both.example");
  world.zone.late.add(1);
  await start(world);
  await runUntil(world, "propagating");
  for (let look = 0; look < 10; look += 1) await pass(world, 10 * minuteMs);
  expect((await newest(world)).step).toBe("propagating");
  const { current } = await getRotation(t.owner, world);
  const looked =
    current?.events
      .filter(({ kind }) => kind === "looked")
      .at(-1)
      ?.lines.join("\n") ?? "";
  for (const server of ["ns1.host.example", "ns2.host.example", "ns1.our.example", "ns2.our.example"])
    expect(looked).toContain(server);
  world.zone.late.clear();
  world.zone.show();
  await runUntil(world, "watching", 5 * minuteMs);
});

test("a name whose key may still have mail on its way is refused with the day on which it is free", async () => {
  const world = await open("early.example");
  await start(world);
  await runUntil(world, "retiring", watchStrideMs);
  // The old keys stood under names of their own, so the second delegated name is free at once.
  expect((await getRotation(t.owner, world)).isNextOpen).toBe(true);
  await start(world);
  await runUntil(world, "retiring", watchStrideMs);
  expect(await selectorsOf(world)).toEqual(["ms2", "ms2e"]);
  await expect(start(world)).rejects.toMatchObject({
    kind: "conflict",
    message: expect.stringContaining("still carry keys"),
  });
  await runUntil(world, "revoking", dayMs / 2);
  await expect(start(world)).rejects.toMatchObject({ message: expect.stringMatching(/free from \d{4}-/) });
  await live(world, 8);
  await start(world);
  await runUntil(world, "watching");
  expect(await selectorsOf(world)).toEqual(["ms1", "ms1e"]);
  // The earlier rotation ends without touching what stands there now.
  await live(world, 40);
  expect((await getRotation(t.owner, world)).current).toBeNull();
  expect(await selectorsOf(world)).toEqual(["ms1", "ms1e"]);
  expect(world.zone.textOf("ms2")).toBeNull();
}, 60_000);

test("a theft finds a name though both are taken, and nothing is signed that a resolver remembers otherwise", async () => {
  const world = await open("robbed.example");
  await start(world);
  await runUntil(world, "retiring", watchStrideMs);
  await start(world);
  await runUntil(world, "watching");
  await start(world, "compromise");
  expect(await selectorsOf(world)).toEqual([]);
  await run(world);
  const old = new Set((await keysOf(world)).map(({ selector }) => selector));
  await runUntil(world, "revoking");
  expect(await selectorsOf(world)).toEqual(["ms1", "ms1e"]);
  const now = await world.hosts[0].signing(world.domainName);
  expect(old.size - now.length).toBeGreaterThan(0);
  expect(world.zone.textOf("ms2")).toMatch(/p=$/);
  await start(world, "compromise");
  await runUntil(world, "revoking");
  expect(await selectorsOf(world)).toEqual(["ms2", "ms2e"]);
  expect(world.zone.textOf("ms1")).toMatch(/p=$/);
}, 60_000);

test("a rotation that is turned back gives its names back to nobody else, and the old keys sign on", async () => {
  const world = await open("turned.example");
  await start(world);
  await runUntil(world, "retiring", watchStrideMs);
  await start(world);
  await runUntil(world, "waiting-caches");
  await goBackRotation(t.owner, { domainId: world.domainId });
  await runUntil(world, "done");
  expect(await selectorsOf(world)).toEqual(["ms1", "ms1e"]);
  expect(world.zone.textOf("ms2")).toBeNull();
  await start(world);
  await runUntil(world, "watching");
  expect(await selectorsOf(world)).toEqual(["ms2", "ms2e"]);
});

test("an alias that was never seen holds a rotation back, and after a theft the keys get names of their own", async () => {
  const world = await openRotationTest(t, "unseen.example", ourZone);
  opened.push(world.zone);
  const scene = { ...world, memory: new Map() };
  await delegateDomainKeys(t.owner, world);
  await expect(start(scene)).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringContaining("is not known to be an alias"),
  });
  await start(scene, "compromise");
  await runUntil(scene, "revoking");
  expect((await selectorsOf(scene)).every((selector) => /^ms\d{6}/.test(selector))).toBe(true);
});

test("the first keys of a new host take the name that is free, and wait until no resolver remembers the former one", async () => {
  const world = await open("rebuilt.example");
  await start(world);
  await runUntil(world, "retiring", watchStrideMs);
  const [first] = world.hosts;
  const { token } = await renewEnrolment(t.owner, { serverId: first.serverId });
  await enrolAgent(t.gateway, anotherMachine(token));
  first.keys.clear();
  await installServer(t.owner, { serverId: first.serverId });
  await first.setOnline(true);
  await first.work();
  const { records } = await getDomain(t.owner, world);
  const fresh = records.filter(({ name, purpose }) => purpose === "dkim" && /^ms2e?\./.test(name));
  expect(fresh).toHaveLength(2);
  world.zone.change({ put: fresh, withdraw: [] });
  await checkDomain(t.owner, { domainId: world.domainId }, world.zone.resolver);
  expect(await selectorsOf(world)).toEqual(["ms2", "ms2e"]);
  await expectVerifiable(world);
});
