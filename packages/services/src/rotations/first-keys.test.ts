import { dkimKeys, domains } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { delegateDomainKeys, getDomainDelegation, keepDomainKeys } from "../dkim-delegation/index.ts";
import { addDomain, checkDomain, getDomain } from "../domains/index.ts";
import { addServer } from "../servers/index.ts";
import { openNewDomain } from "../testing/new-domain.ts";
import { delegationZone, openDelegatedPlay, ourZone } from "./delegated-play.testing.ts";
import { getRotation, listRotationAlarms } from "./index.ts";
import { minuteMs } from "./rotation-play.testing.ts";

const { t, opened, runFirstKeys } = await openDelegatedPlay();

async function openNew(name: string, { delegatesKeys = false } = {}) {
  const world = await openNewDomain(t, { domainName: name, ourZone, delegatesKeys });
  opened.push(world.zone);
  return world;
}

type World = Awaited<ReturnType<typeof openNew>>;

const later = (ms: number) => {
  t.clock.now = new Date(t.clock.now.getTime() + ms);
};

const check = ({ domainId, zone }: World) => checkDomain(t.owner, { domainId }, zone.resolver);

async function keysOf({ domainId }: World) {
  return t.database.admin.query
    .select()
    .from(dkimKeys)
    .where(eq(dkimKeys.domainId, domainId))
    .orderBy(asc(dkimKeys.selector));
}

test("first keys come by themselves to where a provider is connected, and sign once the world shows them", async () => {
  const world = await openNew("fresh.example");
  expect(await runFirstKeys(world)).toEqual([]);
  await world.host.work();
  expect(await runFirstKeys(world)).toEqual([{ domainId: world.domainId, kind: "published" }]);
  // A check is due at once, and lets them sign.
  const [domain] = await t.database.admin.query.select().from(domains).where(eq(domains.id, world.domainId));
  expect(domain?.nextCheckAt).toEqual(t.clock.now);
  expect((await check(world)).startedSigning).toHaveLength(2);
  expect(await world.host.signing("fresh.example")).toHaveLength(2);
  const before = world.zone.requests.length;
  later(60 * minuteMs);
  await runFirstKeys(world);
  expect(world.zone.requests).toHaveLength(before);
});

test("two workers at once ask the provider once, and a provider that took the records is only looked after", async () => {
  const world = await openNew("twice.example");
  await world.host.work();
  await Promise.all([runFirstKeys(world), runFirstKeys(world)]);
  expect(world.zone.requests).toHaveLength(1);
  later(minuteMs);
  await runFirstKeys(world);
  expect(world.zone.requests).toHaveLength(1);
  later(15 * minuteMs);
  await runFirstKeys(world);
  expect(world.zone.requests).toHaveLength(2);
});

test("a foreign record is left alone and told once as a finding, which goes when the keys are published after all", async () => {
  const world = await openNew("foreign.example");
  await world.host.work();
  world.zone.refusal = { kind: "refused", sentence: "Somebody else's alias stands at the name." };
  await runFirstKeys(world);
  const concern = expect.objectContaining({
    sentence: expect.stringContaining("Somebody else's alias stands at the name."),
  });
  expect((await getRotation(t.owner, world)).concerns).toEqual([concern]);
  expect(await listRotationAlarms(t.owner)).toEqual([concern]);
  expect(await listRotationAlarms(await t.makeStranger())).toEqual([]);
  later(60 * minuteMs);
  await runFirstKeys(world);
  const { rows } = await t.database.admin.pool.query(
    "select opened_at, closed_at from check_findings where domain_id = $1 and key like 'dkim-keys-%'",
    [world.domainId],
  );
  expect(rows).toHaveLength(1);
  // A check of the DNS says nothing of it.
  await check(world);
  expect((await getRotation(t.owner, world)).concerns).toHaveLength(1);
  world.zone.refusal = null;
  later(60 * minuteMs);
  await runFirstKeys(world);
  expect((await getRotation(t.owner, world)).concerns).toEqual([]);
});

test("a finding about first keys goes when a person has published them", async () => {
  const world = await openNew("pasted.example");
  await world.host.work();
  world.zone.refusal = { kind: "refused", sentence: "The token has no right to write." };
  await runFirstKeys(world);
  const { records } = await getDomain(t.owner, world);
  world.zone.change({ put: records.filter(({ purpose }) => purpose === "dkim"), withdraw: [] });
  expect((await check(world)).startedSigning).toHaveLength(2);
  later(60 * minuteMs);
  await runFirstKeys(world);
  expect((await getRotation(t.owner, world)).concerns).toEqual([]);
});

test("without a connection the records are shown to be pasted, and nothing is wrong", async () => {
  const world = await openNew("by-hand.example");
  await world.host.work();
  world.zone.refusal = { kind: "by-hand" };
  expect(await runFirstKeys(world)).toEqual([{ domainId: world.domainId, kind: "by-hand" }]);
  expect((await getRotation(t.owner, world)).concerns).toEqual([]);
  const { records } = await getDomain(t.owner, world);
  expect(records.filter(({ purpose }) => purpose === "dkim")).toHaveLength(2);
});

test("a domain that begins with delegated names needs its aliases pasted once, and its own zone never carries a key", async () => {
  const world = await openNew("once.example", { delegatesKeys: true });
  const { aliases } = await getDomainDelegation(t.owner, world);
  expect(aliases.map(({ name }) => name.split(".")[0])).toEqual(["ms1", "ms1e", "ms2", "ms2e"]);
  await world.host.work();
  await runFirstKeys(world);
  const put = world.zone.requests.flatMap((request) => request.put);
  const texts = put.filter(({ purpose }) => purpose === "dkim");
  expect(texts).toHaveLength(2);
  for (const { name } of texts) expect(name).toMatch(new RegExp(`^ms1e?\\..*${delegationZone}$`));
  expect(put.filter(({ purpose }) => purpose === "dkim-alias")).toHaveLength(4);
  expect((await check(world)).startedSigning).toEqual([]);
  const { records } = await getDomain(t.owner, world);
  world.zone.paste(records.filter(({ purpose }) => purpose === "dkim-alias"));
  expect((await check(world)).startedSigning).toHaveLength(2);
  const signatures = await world.host.signatures("once.example");
  expect(signatures.map(({ signsAs }) => signsAs).sort()).toEqual(["ms1", "ms1e"]);
});

test("aliases that a person has to paste keep no key from its place behind them", async () => {
  const world = await openNew("half.example", { delegatesKeys: true });
  await world.host.work();
  world.zone.byHandOutsideOf = ourZone;
  expect(await runFirstKeys(world)).toEqual([{ domainId: world.domainId, kind: "by-hand" }]);
  const { records } = await getDomain(t.owner, world);
  world.zone.paste(records.filter(({ purpose }) => purpose === "dkim-alias"));
  expect((await check(world)).startedSigning).toHaveLength(2);
});

test("before its first key signs a domain may still choose, and what was published under the other name goes", async () => {
  const world = await openNew("chosen.example");
  await world.host.work();
  await runFirstKeys(world);
  const [first] = await keysOf(world);
  expect(world.zone.textOf(first?.selector ?? "")).not.toBeNull();
  await delegateDomainKeys(t.owner, world);
  expect((await keysOf(world)).map(({ signsAs }) => signsAs).sort()).toEqual(["ms1", "ms1e"]);
  await world.host.work();
  await runFirstKeys(world);
  expect(world.zone.textOf(first?.selector ?? "")).toBeNull();
  const { records } = await getDomain(t.owner, world);
  world.zone.paste(records.filter(({ purpose }) => purpose === "dkim-alias"));
  await keepDomainKeys(t.owner, world);
  expect((await keysOf(world)).map(({ signsAs }) => signsAs)).toEqual([null, null]);
  await delegateDomainKeys(t.owner, world);
  expect((await check(world)).startedSigning).toHaveLength(2);
  const signatures = await world.host.signatures("chosen.example");
  expect(signatures.map(({ signsAs }) => signsAs).sort()).toEqual(["ms1", "ms1e"]);
  // A key that signs stays where it is until a rotation.
  await keepDomainKeys(t.owner, world);
  expect((await keysOf(world)).map(({ signsAs }) => signsAs).sort()).toEqual(["ms1", "ms1e"]);
});

test("a domain cannot begin with delegated names where the organisation has no zone for them", async () => {
  const stranger = await t.makeStranger();
  const tenantId = stranger.ownTenantId;
  const { serverId } = await addServer(stranger, { tenantId, name: "mx", hostname: "mx.other.example" });
  await expect(
    addDomain(stranger, { tenantId, serverId, name: "zoneless.example", delegatesKeys: true }),
  ).rejects.toMatchObject({ kind: "precondition-failed" });
});
