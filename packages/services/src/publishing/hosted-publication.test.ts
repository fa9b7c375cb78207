import { beforeEach, describe, expect, it } from "vitest";
import { listAudit } from "../audit/index.ts";
import { addDomain } from "../domains/index.ts";
import { makeTestOpener } from "../testing/test-opener.ts";
import { addZoneRecords, getZone } from "../zones/index.ts";
import { host, primary, t, txt, useZoneWorld, zone } from "../zones/zone-world.testing.ts";
import { doDnsWork, getPublication, type PublishingWorker, planPublication, publishPlan } from "./index.ts";
import { TestZones } from "./zones.fixture.ts";

useZoneWorld();

let worker: PublishingWorker;
let domainId: string;
let zoneId: string;
beforeEach(async () => {
  worker = {
    system: t.system,
    app: t.database.app,
    installation: t.installation,
    opener: makeTestOpener(),
    openProvider: () => new TestZones(),
  };
  zoneId = await host();
  ({ domainId } = await addDomain(t.owner, { tenantId: t.tenantId, serverId: primary, name: zone }));
});

const work = () => doDnsWork(worker, async () => undefined);
const shown = async () => (await getPublication(t.owner, { domainId })) ?? expect.fail("no publication");
const plan = async () => {
  await planPublication(t.owner, { domainId });
  await work();
  return shown();
};
const spf = "v=spf1 include:other.example -all";

describe("publishing into a zone that is hosted here", () => {
  it("shows the same difference as through a connection, without any, and writes it after a word", async () => {
    const before = await plan();
    expect(before).toMatchObject({ state: "planned" });
    expect(before.plan?.zones).toMatchObject([{ name: zone, label: null }]);
    expect(before.plan?.zones[0]?.changes).toContainEqual(
      expect.objectContaining({ name: zone, type: "MX", before: [] }),
    );
    await publishPlan(t.owner, { publicationId: before.id });
    await work();
    expect(await shown()).toMatchObject({ state: "published" });
    expect((await getZone(t.owner, { zoneId })).records).toContainEqual(
      expect.objectContaining({ name: zone, type: "MX", neededBy: zone }),
    );
    expect((await plan()).plan).toMatchObject({ zones: [], conflicts: [] });
  });

  it("names what people wrote that is in the way, and replaces it only when they say so", async () => {
    await addZoneRecords(t.owner, { zoneId, records: [txt(spf)] });
    const before = await plan();
    expect(before.plan?.conflicts).toMatchObject([{ name: zone, type: "TXT", value: spf }]);
    expect(before.plan?.conflicts[0]?.blocked).not.toEqual([]);
    await publishPlan(t.owner, { publicationId: before.id });
    await work();
    expect((await getZone(t.owner, { zoneId })).records.filter(({ isOwn }) => isOwn)).toHaveLength(1);
    const again = await plan();
    await publishPlan(t.owner, {
      publicationId: again.id,
      allowed: [{ name: zone, type: "TXT", value: spf }],
    });
    await work();
    const { records } = await getZone(t.owner, { zoneId });
    expect(records.filter(({ isOwn }) => isOwn)).toEqual([]);
    expect(records.filter(({ name, value }) => name === zone && value.startsWith("v=spf1"))).toHaveLength(1);
    const { entries } = await listAudit(t.owner, {});
    expect(entries.find(({ action }) => action === "publish-records")).toMatchObject({
      actorName: t.owner.actor.name,
    });
  });
});
