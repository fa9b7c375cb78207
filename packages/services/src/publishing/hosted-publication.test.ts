import { dkimKeys, domains } from "@mailstead/db";
import { makeDomain, makeServer, makeTenant } from "@mailstead/db/factories";
import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { listAudit } from "../audit/index.ts";
import { setDelegationZone } from "../dkim-delegation/index.ts";
import { addDomain } from "../domains/index.ts";
import { storeSealingKey } from "../secrets/index.ts";
import { makeTestOpener } from "../testing/test-opener.ts";
import { addZoneRecords, getZone } from "../zones/index.ts";
import { host, primary, t, txt, useZoneWorld, zone } from "../zones/zone-world.testing.ts";
import {
  connectDns,
  doDnsWork,
  getPublication,
  type PublishingWorker,
  planPublication,
  publishPlan,
} from "./index.ts";
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

  it("leaves to the hosted zone of delegated names what lies there, whoever's domain it is for", async () => {
    const { organisationId } = t;
    const opener = makeTestOpener();
    await storeSealingKey(t.system, opener);
    const provider = new TestZones(`customer.${zone}.test`, zone);
    worker = { ...worker, opener, openProvider: () => provider };
    await connectDns(t.owner, { label: zone, settings: { provider: "gandi", token: "t" } });
    await setDelegationZone(t.owner, { zone: `dkim.${zone}` });
    const { id: tenantId } = await makeTenant(t.database.admin, { organisationId });
    const { id: serverId } = await makeServer(t.database.admin, {
      organisationId,
      tenantId,
      hostname: `mx.customer.${zone}.test`,
    });
    const other = await makeDomain(t.database.admin, {
      organisationId,
      tenantId,
      serverId,
      name: `customer.${zone}.test`,
    });
    await t.database.admin.query
      .update(domains)
      .set({ dkimDelegatedTo: `id.dkim.${zone}` })
      .where(eq(domains.id, other.id));
    await t.database.admin.query.insert(dkimKeys).values({
      id: crypto.randomUUID(),
      organisationId,
      tenantId,
      domainId: other.id,
      serverId,
      selector: "s1",
      signsAs: "ms1",
      publishedAtName: `ms1.id.dkim.${zone}`,
      algorithm: "rsa-2048",
      publicKey: "QUJD",
      createdAt: t.clock.now,
    });
    await planPublication(t.owner, { domainId: other.id });
    await work();
    const seen = (await getPublication(t.owner, { domainId: other.id }))?.plan;
    expect(seen?.zones).toMatchObject([{ name: `customer.${zone}.test` }]);
    expect(seen?.byHand).toEqual([]);
  });
});
