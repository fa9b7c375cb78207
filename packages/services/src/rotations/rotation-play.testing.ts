import { dkimKeys, dkimRotationEvents, dkimRotations } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { expect } from "vitest";
import type { RotationTest } from "../testing/rotation-world.ts";
import { openRotationWorlds } from "./rotation-worlds.testing.ts";

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Rotations whose keys have names of their own, and what became of them. */
export async function openRotationPlay() {
  const { t, open, start, run } = await openRotationWorlds();

  async function pass(ms: number): Promise<void> {
    t.clock.now = new Date(t.clock.now.getTime() + ms);
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
