import { domains } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { listFindingChanges } from "../checks/index.ts";
import type { RotationTest } from "../testing/rotation-world.ts";
import { getRotation, listRotationAlarms, runDueRotations, setRotationSchedule } from "./index.ts";
import { dayMs, hourMs, minuteMs, openRotationPlay } from "./rotation-play.testing.ts";

const { t, open, start, pass, run, rotationOf, keysOf, runUntil } = await openRotationPlay();

async function findingsOf({ domainId }: RotationTest) {
  const { rows } = await t.database.admin.pool.query(
    `select key, sentence, closed_at is null as "isOpen" from check_findings
     where domain_id = $1 and key like 'dkim-keys-%' order by opened_at, key`,
    [domainId],
  );
  return rows as { key: string; sentence: string; isOpen: boolean }[];
}

async function makeDue({ domainId }: RotationTest): Promise<void> {
  await t.database.admin.query
    .update(domains)
    .set({ nextRotationAt: t.clock.now })
    .where(eq(domains.id, domainId));
}

test("a rotation by schedule that is refused is a finding, opened once and closed when it begins after all", async () => {
  const world = await open("refused.example");
  const { zone, domainId } = world;
  const due = () =>
    runDueRotations(t.system, {
      app: t.database.app,
      installation: t.installation,
      publisher: zone,
      witness: zone.witness,
    });
  const setState = (state: string) =>
    t.database.admin.pool.query("update dkim_keys set state = $2 where domain_id = $1", [domainId, state]);
  await setState("waiting");
  await makeDue(world);
  expect((await due()).postponed).toHaveLength(1);
  const sentence = expect.stringMatching(
    /^The DKIM keys of refused\.example could not be replaced when it was their turn: The first keys/,
  );
  expect(await findingsOf(world)).toEqual([{ key: "dkim-keys-not-replaced", sentence, isOpen: true }]);
  expect((await getRotation(t.owner, world)).concerns).toEqual([{ sentence, at: t.clock.now }]);
  expect(await listRotationAlarms(t.owner)).toEqual([expect.objectContaining({ domainId, sentence })]);
  expect(await listFindingChanges(t.owner)).toContainEqual(
    expect.objectContaining({ what: "opened", sentence }),
  );
  await pass(dayMs + minuteMs);
  expect((await due()).postponed).toHaveLength(1);
  expect(await findingsOf(world)).toHaveLength(1);
  const { entries } = await listAudit(t.owner, {});
  expect(entries.filter(({ action }) => action === "postpone-dkim-rotation")).toHaveLength(1);
  await setState("signing");
  await pass(dayMs + minuteMs);
  expect((await due()).started).toHaveLength(1);
  expect(await findingsOf(world)).toEqual([{ key: "dkim-keys-not-replaced", sentence, isOpen: false }]);
  expect(await listRotationAlarms(t.owner)).toEqual([]);
});

test("a refusal is no finding any more once the schedule is switched off", async () => {
  const world = await open("switched-off.example");
  await t.database.admin.pool.query("update dkim_keys set state = 'waiting' where domain_id = $1", [
    world.domainId,
  ]);
  await makeDue(world);
  await run(world);
  expect(await findingsOf(world)).toMatchObject([{ isOpen: true }]);
  await setRotationSchedule(t.owner, { domainId: world.domainId, intervalDays: null });
  expect(await findingsOf(world)).toMatchObject([{ isOpen: false }]);
});

test("what a rotation waits for is a finding of its domain, and closes when it goes on", async () => {
  const world = await open("waiting.example");
  world.zone.refusal = { kind: "failed", sentence: "The provider answered 500." };
  await start(world);
  await pass(minuteMs);
  await run(world);
  const { id } = await rotationOf(world);
  expect(await findingsOf(world)).toMatchObject([
    {
      key: `dkim-keys-alarm ${id}`,
      sentence: expect.stringContaining("The provider answered 500."),
      isOpen: true,
    },
  ]);
  // On the pages the rotation says so itself.
  expect((await getRotation(t.owner, world)).concerns).toEqual([]);
  expect(await listRotationAlarms(t.owner)).toHaveLength(1);
  world.zone.refusal = null;
  await pass(hourMs);
  await run(world);
  expect(await findingsOf(world)).toMatchObject([{ isOpen: false }]);
});

test("a rotation that went back by itself is a finding until the next one begins", async () => {
  const world = await open("went-back.example");
  await start(world);
  await runUntil(world, "watching");
  const [gone] = await keysOf(world, "incoming");
  world.zone.forget(gone?.selector ?? "");
  await pass(10 * minuteMs);
  await run(world);
  const back = (await findingsOf(world)).filter(({ key }) => key === "dkim-keys-turned-back");
  expect(back).toMatchObject([
    { isOpen: true, sentence: expect.stringContaining("no longer shows the new key") },
  ]);
  await runUntil(world, "retiring", 5 * minuteMs);
  await start(world);
  expect((await findingsOf(world)).filter(({ isOpen }) => isOpen)).toEqual([]);
});
