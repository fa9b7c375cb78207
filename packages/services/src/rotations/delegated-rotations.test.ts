import { expect, test } from "vitest";
import { delegateDomainKeys, getDomainDelegation } from "../dkim-delegation/index.ts";
import { checkDomain, getDomain } from "../domains/index.ts";
import { enrolAgent } from "../enrolment/index.ts";
import { installServer, renewEnrolment } from "../servers/index.ts";
import { anotherMachine } from "../testing/rotation-world.ts";
import { delegationZone, openDelegatedPlay, watchStrideMs } from "./delegated-play.testing.ts";
import { getRotation, goBackRotation } from "./index.ts";
import { dayMs, minuteMs } from "./rotation-play.testing.ts";

const { t, open, openOwn, start, run, expectVerifiable, pass, newest, runUntil, live, selectorsOf, keysOf } =
  await openDelegatedPlay();

test("a domain is switched to delegated names by a rotation, and its customer pastes nothing ever after", async () => {
  const world = await open("handed.example");
  await start(world);
  await runUntil(world, "watching");
  expect(await selectorsOf(world)).toEqual(["ms1", "ms1e"]);
  expect(await selectorsOf(world, 1)).toEqual(["ms3", "ms3e"]);
  const put = world.zone.requests.flatMap((request) => request.put);
  expect(put.filter(({ name }) => !name.endsWith(delegationZone))).toEqual([]);
  await live(world, 30, 2);
  await start(world);
  await runUntil(world, "watching");
  expect(await selectorsOf(world)).toEqual(["ms2", "ms2e"]);
  await live(world, 30, 2);
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
  await runUntil(world, "revoking", dayMs);
  await expect(start(world)).rejects.toMatchObject({ message: expect.stringMatching(/free from \d{4}-/) });
  await live(world, 8);
  await start(world);
  await runUntil(world, "watching");
  expect(await selectorsOf(world)).toEqual(["ms1", "ms1e"]);
  // The earlier rotation ends without touching what stands there now.
  await live(world, 48, 4);
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

test("revocations that a person has to paste keep no new key from its place behind the aliases", async () => {
  const world = await open("pasted.example");
  world.zone.byHandOutsideOf = delegationZone;
  await start(world, "compromise");
  await runUntil(world, "revoking");
  expect(await selectorsOf(world)).toEqual(["ms1", "ms1e"]);
  // The keys of before stand in the customer's own zone, and the page says what to paste there.
  const { current } = await getRotation(t.owner, world);
  expect(current?.byHand?.put.join()).toMatch(/ms\d{6}[a-z]+\._domainkey\.pasted\.example\. .* p="?/);
});

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
  const world = await openOwn("unseen.example");
  await delegateDomainKeys(t.owner, world);
  const refusal = await start(world).catch((cause: { kind: string; message: string }) => cause);
  expect(refusal).toMatchObject({ kind: "precondition-failed" });
  for (const selector of ["ms1", "ms1e", "ms2", "ms2e", "ms3", "ms3e", "ms4", "ms4e"])
    expect(refusal).toMatchObject({
      message: expect.stringMatching(
        new RegExp(`\\b${selector}\\._domainkey\\.unseen\\.example CNAME ${selector}\\.`),
      ),
    });
  await start(world, "compromise");
  await runUntil(world, "revoking");
  expect((await selectorsOf(world)).every((selector) => /^ms\d{6}/.test(selector))).toBe(true);
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
