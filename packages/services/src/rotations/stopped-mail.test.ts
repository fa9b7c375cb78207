import { dkimKeys } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { getDomain, removeDomain, stopDomainMail } from "../domains/index.ts";
import { hourMs, minuteMs, openRotationPlay } from "./rotation-play.testing.ts";

const { t, open, start, pass, run, rotationOf, keysOf, runUntil, statesOf, storyOf } =
  await openRotationPlay();

test.each(["publishing", "switching", "watching", "revoking"] as const)(
  "mail that stops while a rotation is %s ends it, and what was signed can be verified until it has arrived",
  async (step) => {
    const world = await open(`stops-${step}.example`);
    await start(world);
    if (step === "publishing") world.zone.refusal = { kind: "failed", sentence: "The provider is away." };
    await runUntil(world, step, step === "revoking" ? 6 * hourMs : minuteMs);
    const before = [...(await keysOf(world, "incoming")), ...(await keysOf(world, "outgoing"))];
    await stopDomainMail(t.owner, { domainId: world.domainId });
    expect(await rotationOf(world)).toMatchObject({ step: "done", outcome: "superseded", alarm: null });
    expect((await storyOf(world)).at(-1)).toMatchObject({ kind: "ended", evidence: { from: step } });
    const told = (await storyOf(world)).length;
    await pass(hourMs);
    await run(world);
    expect(await storyOf(world)).toHaveLength(told);
    for (const host of world.hosts) expect(await host.signing(world.domainName)).toEqual([]);
    const after = await t.database.admin.query
      .select()
      .from(dkimKeys)
      .where(eq(dkimKeys.domainId, world.domainId));
    const { records } = await getDomain(t.owner, { domainId: world.domainId });
    for (const key of before) {
      const left = after.find(({ id }) => id === key.id);
      const record = records.find(({ name }) => name.startsWith(`${key.selector}._domainkey.`));
      if (key.state === "waiting") expect([left, record]).toEqual([undefined, undefined]);
      else {
        const isRevoked = key.state === "revoked";
        expect(left).toMatchObject({
          state: isRevoked ? "revoked" : "retiring",
          recordEndsAt: expect.any(Date),
        });
        expect(record?.value).toMatch(isRevoked ? /p=$/ : /p=./);
      }
    }
  },
);

test("mail goes on and the domain stays while a theft is not told to the world, and mail may stop once it is", async () => {
  const world = await open("stolen.example");
  const former = await world.hosts[0].signing(world.domainName);
  world.zone.refusal = { kind: "failed", sentence: "The provider is away." };
  await start(world, "compromise");
  await run(world);
  const stop = () => stopDomainMail(t.owner, { domainId: world.domainId });
  await expect(stop()).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringMatching(/^A DKIM key of stolen\.example is said to be stolen/),
  });
  // Nothing would revoke it when the domain is gone, while its record stands on for mail on its way.
  await expect(removeDomain(t.owner, { domainId: world.domainId })).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringMatching(/^A DKIM key of stolen\.example is said to be stolen/),
  });
  world.zone.refusal = null;
  await pass(hourMs);
  await run(world);
  await stop();
  expect(await statesOf(world, "outgoing")).toBe("revoked");
  for (const selector of former) expect(world.zone.textOf(selector)).toMatch(/p=$/);
});
