import type { SeenDelegation } from "@mailstead/core/zones";
import { jobs } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { recordObserved } from "../servers/index.ts";
import { getZone, promoteSecondary, recordZoneCheck, rollZoneKey } from "./index.ts";
import { host, primary, secondary, t, useZoneWorld, zone } from "./zone-world.testing.ts";

useZoneWorld();

const signerOf = (keyTag: number) => ({ keyTag, algorithm: 13, digestType: 2, digest: "4BE1".repeat(16) });
const [former, incoming] = ["257 3 13 AA", "257 3 13 BB"];
const [formerSigner, incomingSigner] = [signerOf(1), signerOf(2)];

const tell = (keys: readonly string[], signers: readonly ReturnType<typeof signerOf>[], serverId = primary) =>
  recordObserved(t.gateway, {
    serverId,
    report: {
      targetRevision: 1,
      drift: [],
      directory: { epoch: 1, revision: 0 },
      dkimPublicKeys: [],
      zoneKeys: [{ zone, signers: [...signers], keys: [...keys] }],
    },
  });
const look = (zoneId: string, signers: SeenDelegation["signers"]) =>
  recordZoneCheck(t.owner, {
    zoneId,
    report: {
      kind: "checked",
      seen: { nameServers: [], glue: [], signers, saidBy: "a.gtld.example", servers: [] },
    },
  });
const end = (jobId: string, state: "failed" | "succeeded") =>
  t.database.admin.query.update(jobs).set({ state, endedAt: t.owner.now() }).where(eq(jobs.id, jobId));
const rollOf = async (zoneId: string) => (await getZone(t.owner, { zoneId })).keyRoll;

/** A zone whose DS record leads to its key. */
async function vouchedFor(): Promise<string> {
  const zoneId = await host();
  await tell([former], [formerSigner]);
  await look(zoneId, [formerSigner]);
  return zoneId;
}

describe("the roll of a zone's key", () => {
  it("is told from the order to the end, step by step with its time, by the primary alone", async () => {
    const zoneId = await vouchedFor();
    expect(await rollOf(zoneId)).toBeNull();
    await rollZoneKey(t.owner, { zoneId });
    expect(await rollOf(zoneId)).toMatchObject({
      step: "making",
      startedBy: t.owner.actor.name,
      waits: { what: expect.stringMatching(/ to make the new key\.$/), until: null },
      alarm: null,
    });
    await tell([former, incoming], [formerSigner], secondary);
    expect((await rollOf(zoneId))?.step).toBe("making");
    await tell([former, incoming], [formerSigner]);
    const spreading = await rollOf(zoneId);
    expect(spreading?.step).toBe("spreading");
    const since = spreading?.reached.at(-1)?.at.getTime() ?? 0;
    expect((spreading?.waits?.until?.getTime() ?? 0) - since).toBe(25 * 3_600_000);
    await look(zoneId, [formerSigner]);
    await tell([former, incoming], [incomingSigner]);
    await look(zoneId, [formerSigner]);
    expect(await rollOf(zoneId)).toMatchObject({
      step: "delegating",
      waits: { what: expect.stringContaining(`key tag ${incomingSigner.keyTag}`) },
    });
    expect((await getZone(t.owner, { zoneId })).publicKeys).toEqual([incoming]);
    await look(zoneId, [incomingSigner]);
    expect((await rollOf(zoneId))?.step).toBe("retiring");
    await tell([incoming], [incomingSigner]);
    const done = await rollOf(zoneId);
    expect(done).toMatchObject({ step: "done", waits: null, alarm: null });
    expect(done?.reached.map(({ step }) => step)).toEqual([
      "making",
      "spreading",
      "delegating",
      "retiring",
      "done",
    ]);
  });

  it("raises an alarm and can be ordered again when the order has failed, and not before", async () => {
    const zoneId = await vouchedFor();
    const { jobId } = await rollZoneKey(t.owner, { zoneId });
    await expect(rollZoneKey(t.owner, { zoneId })).rejects.toMatchObject({
      message: expect.stringMatching(/is being rolled already/),
    });
    await end(jobId, "failed");
    expect(await rollOf(zoneId)).toMatchObject({ alarm: expect.stringMatching(/roll the key again/) });
    const again = await rollZoneKey(t.owner, { zoneId });
    await end(again.jobId, "succeeded");
    expect(await rollOf(zoneId)).toMatchObject({ step: "making", alarm: null });
  });

  it("is forgotten when the keys are given up with their primary", async () => {
    const zoneId = await vouchedFor();
    await rollZoneKey(t.owner, { zoneId });
    await look(zoneId, []);
    await promoteSecondary(t.owner, { zoneId, followerId: primary, confirmedName: zone });
    expect(await rollOf(zoneId)).toBeNull();
  });
});
