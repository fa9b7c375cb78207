import { type dkimKeys, dkimRotations, dnsConnections } from "@mailstead/db";
import { desc, eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { delegateDomainKeys, setDelegationZone } from "../dkim-delegation/index.ts";
import { checkDomain, getDomain } from "../domains/index.ts";
import { openRotationTest, type RotationTest } from "../testing/rotation-world.ts";
import { openServiceTest } from "../testing/service-test.ts";
import type { TestZone } from "../testing/test-zone.ts";
import { publishDueFirstKeys, runDueRotations, startRotation } from "./index.ts";
import { dayMs, minuteMs } from "./rotation-play.testing.ts";

export const ourZone = "keys.example";
export const delegationZone = `dkim.${ourZone}`;
/** A watch looks every few minutes and takes a day; one look in some hours misses nothing that happens in these tests. */
export const watchStrideMs = 4 * 3_600_000;
/** A resolver that keeps what it heard for as long as the zones of these tests let it. */
const rememberedMs = 5 * minuteMs;

export interface Scene extends RotationTest {
  /** What was shown under each selector, and when it was shown last. */
  memory: Map<string, Map<string, number>>;
}

/** An organisation with a zone for delegated names, and domains that hand theirs over. */
export async function openDelegatedPlay() {
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

  /** A domain on two servers whose first keys stand in its own zone. */
  async function openOwn(name: string): Promise<Scene> {
    const world = await openRotationTest(t, name, ourZone);
    opened.push(world.zone);
    return { ...world, memory: new Map() };
  }

  /** The same, after it has handed its names over and its owner has published the aliases. */
  async function open(name: string): Promise<Scene> {
    const world = await openOwn(name);
    await delegateDomainKeys(t.owner, world);
    await pasteAliases(world);
    return world;
  }

  async function pasteAliases(world: Scene): Promise<void> {
    const { records } = await getDomain(t.owner, world);
    world.zone.paste(records.filter(({ purpose }) => purpose === "dkim-alias"));
    await checkDomain(t.owner, { domainId: world.domainId }, world.zone.resolver);
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

  /** One run of the worker for first keys that wait to be published. */
  async function runFirstKeys({ zone }: Pick<Scene, "zone">) {
    const { tried, failed } = await publishDueFirstKeys(t.system, {
      app: t.database.app,
      installation: t.installation,
      publisher: zone,
    });
    for (const { cause } of failed) throw cause;
    return tried;
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
  async function live(world: Scene, days: number, strideDays = 1): Promise<void> {
    for (let day = 0; day < days; day += strideDays) await pass(world, strideDays * dayMs);
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

  return {
    t,
    opened,
    open,
    openOwn,
    pasteAliases,
    start,
    run,
    runFirstKeys,
    expectVerifiable,
    pass,
    newest,
    runUntil,
    live,
    selectorsOf,
    keysOf,
  };
}
