import { checkFindings } from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";
import { expect, test } from "vitest";
import { checkDomain, removeDomainServer } from "../domains/index.ts";
import type { RotationTest } from "../testing/rotation-world.ts";
import { goBackRotation } from "./index.ts";
import { dayMs, minuteMs, openRotationPlay } from "./rotation-play.testing.ts";

const { t, open, start, pass, run, rotationOf, keysOf, runUntil, statesOf, storyOf } =
  await openRotationPlay();

const provenSince = async (world: RotationTest) => {
  const story = await storyOf(world);
  const back = story.findIndex(({ kind }) => kind === "back");
  return story.slice(back).filter(({ kind }) => kind === "tested");
};

const openFindings = ({ domainId }: RotationTest) =>
  t.database.admin.query
    .select({ sentence: checkFindings.sentence })
    .from(checkFindings)
    .where(and(eq(checkFindings.domainId, domainId), isNull(checkFindings.closedAt)));

/** A rotation that a person turned back while the new keys were watched. */
async function openBack(name: string) {
  const world = await open(name);
  const former = await world.hosts[0].signing(world.domainName);
  await start(world);
  await runUntil(world, "watching");
  const taken = await world.hosts[0].signing(world.domainName);
  await goBackRotation(t.owner, { domainId: world.domainId });
  return { world, former, taken };
}

test("after going back every host proves that it signs with its old keys, and the proof log has what each answered", async () => {
  const { world, former } = await openBack("proven.example");
  await runUntil(world, "retiring");
  const proofs = await provenSince(world);
  expect(proofs).toHaveLength(2);
  for (const { sentence } of proofs) expect(sentence).toMatch(/every signature verifies/);
  const selectors = proofs.map(({ evidence }) => (evidence as { selectors: string[] }).selectors);
  expect(selectors.flat().sort()).toEqual((await keysOf(world, "outgoing")).map(({ selector }) => selector));
  const [first] = proofs.filter(({ sentence }) => sentence.startsWith("proven-mx1"));
  expect(first?.evidence).toMatchObject({
    rspamdSignsWith: former,
    signatures: [{ selector: former[0] }, { selector: former[1] }],
    keys: former.map((selector) => ({
      selector,
      texts: expect.arrayContaining([world.zone.textOf(selector)]),
    })),
  });
});

test("a host whose Rspamd goes on with the new keys is a finding, and their records stay until it obeys", async () => {
  const { world, former, taken } = await openBack("deaf.example");
  world.hosts[0].signsWith = taken;
  for (let look = 0; look < 6; look += 1) {
    await pass(6 * minuteMs);
    await run(world);
  }
  expect(await rotationOf(world)).toMatchObject({ course: "back", step: "switching" });
  const [finding] = await openFindings(world);
  expect(finding?.sentence).toMatch(
    /deaf-mx1 was told to go back to the old keys\. Its Rspamd signs mail with/,
  );
  for (let days = 0; days < 30; days += 5) {
    await pass(5 * dayMs);
    await run(world);
  }
  for (const selector of taken) expect(world.zone.textOf(selector)).toMatch(/p=./);
  expect(await statesOf(world, "incoming")).toBe("retiring");
  // One that signs with both has not gone back either.
  world.hosts[0].signsWith = [...former, ...taken];
  for (let look = 0; look < 3; look += 1) {
    await pass(11 * minuteMs);
    await run(world);
  }
  expect((await rotationOf(world)).alarm).toMatch(/and not with .* alone/);
  world.hosts[0].signsWith = undefined;
  await runUntil(world, "retiring", 11 * minuteMs);
  expect((await openFindings(world)).map(({ sentence }) => sentence)).not.toContain(finding?.sentence);
});

test("a host whose Rspamd does not say what it signs with holds the end of the new keys up until it does", async () => {
  const { world } = await openBack("mute.example");
  world.hosts[1].signsWith = null;
  for (let look = 0; look < 8; look += 1) {
    await pass(11 * minuteMs);
    await run(world);
  }
  expect(await rotationOf(world)).toMatchObject({
    step: "switching",
    alarm: expect.stringMatching(
      /^Nobody knows whether mute-mx2 signs with the old keys again: Its Rspamd does not say/,
    ),
  });
  world.hosts[1].signsWith = undefined;
  await runUntil(world, "retiring", 11 * minuteMs);
});

test("a host that has another old key than the one that is published is told, because its mail fails", async () => {
  const { world } = await openBack("changed.example");
  world.hosts[0].isLying = true;
  for (let look = 0; look < 4; look += 1) {
    await pass(11 * minuteMs);
    await run(world);
  }
  expect((await rotationOf(world)).alarm).toMatch(/^changed-mx1 was told to go back .* does not verify/);
});

test("a server that has left the domain meanwhile signs with nothing and is not asked to prove its old keys", async () => {
  const world = await open("left.example");
  const [, second] = world.hosts;
  await start(world);
  await runUntil(world, "retiring", 60 * minuteMs);
  await removeDomainServer(t.owner, { domainId: world.domainId, serverId: second.serverId });
  await pass(3 * dayMs);
  await checkDomain(t.owner, { domainId: world.domainId }, world.zone.resolver);
  await goBackRotation(t.owner, { domainId: world.domainId });
  for (let look = 0; look < 3; look += 1) {
    await pass(11 * minuteMs);
    await run(world);
  }
  expect(await rotationOf(world)).toMatchObject({ course: "back", step: "retiring", alarm: null });
  expect(await second.signing(world.domainName)).toEqual([]);
  const ofSecond = (await keysOf(world, "outgoing")).filter(({ serverId }) => serverId === second.serverId);
  for (const key of ofSecond)
    expect(key).toMatchObject({ state: "retiring", recordEndsAt: expect.any(Date) });
});
