import { dkimKeys, dkimRotationEvents, dkimRotations } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { afterAll, afterEach, expect } from "vitest";
import { openRotationTest, type RotationTest } from "../testing/rotation-world.ts";
import { openServiceTest } from "../testing/service-test.ts";
import type { TestZone } from "../testing/test-zone.ts";
import { runDueRotations, startRotation } from "./index.ts";

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Worlds in which rotations run by the clock of the test, each closed after its test. */
export async function openRotationPlay() {
  const t = await openServiceTest();
  const opened: TestZone[] = [];
  afterEach(async () => {
    for (const zone of opened.splice(0)) zone.close();
    // The worker looks after every rotation that there is, and each test has a zone of its own.
    await t.database.admin.query.delete(dkimRotations);
  });
  afterAll(() => t.close());

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

  return { t, open, start, pass, run, rotationOf, keysOf, runUntil, expectVerifiable, statesOf, storyOf };
}
