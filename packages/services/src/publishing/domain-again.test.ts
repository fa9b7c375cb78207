import { dnsPublishedRecords, organisations } from "@mailstead/db";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addDomain, type DomainCheckReport, recordDomainCheck, removeDomain } from "../domains/index.ts";
import type { ServiceTest } from "../testing/service-test.ts";
import { openRecordPublisher } from "./index.ts";
import { openPublishingWorld, recordOf, stepsIn } from "./publishing-world.testing.ts";

const dayMs = 86_400_000;
const keyName = "s1._domainkey.alpha.example";
const key = `${keyName} TXT v=DKIM1; p=AA`;

let t: ServiceTest;
let world: Awaited<ReturnType<typeof openPublishingWorld>>;

beforeEach(async () => {
  world = await openPublishingWorld();
  ({ t } = world);
  const steps = stepsIn(world);
  await steps.connect();
  await steps.plan();
  await steps.publish();
  const { organisationId } = t;
  const { domainId, worker } = world;
  const put = [recordOf(keyName, "v=DKIM1; p=AA")];
  await openRecordPublisher(worker).publish({ organisationId, domainId, put, withdraw: [], reason: "test" });
});
afterEach(() => t.close());

const pass = (ms: number) => {
  t.clock.now = new Date(t.clock.now.getTime() + ms);
};

const addAgain = (delegatesKeys = false) =>
  addDomain(t.owner, {
    tenantId: t.tenantId,
    serverId: world.serverId,
    name: "alpha.example",
    delegatesKeys,
  });

/** What a check that found nothing wrong does to the domain. */
async function check(domainId: string): Promise<void> {
  const report = { kind: "checked", zones: [], records: [] } as unknown as DomainCheckReport;
  await recordDomainCheck(t.owner, { domainId, report });
}

test("a domain that left its records and comes back keeps its former keys published while their mail may be on its way", async () => {
  await removeDomain(t.owner, { domainId: world.domainId, withdrawsRecords: false });
  pass(dayMs);
  const { domainId } = await addAgain();
  const steps = stepsIn({ ...world, domainId });
  for (let days = 1; days < 7; days += 3) {
    await check(domainId);
    await steps.plan();
    await steps.publish();
    expect(world.zones.lines()).toContain(key);
    pass(3 * dayMs);
  }
  await check(domainId);
  await steps.plan();
  await steps.publish();
  expect(world.zones.lines()).not.toContain(key);
});

test("what it publishes anew is not taken back a second time", async () => {
  await removeDomain(t.owner, { domainId: world.domainId, withdrawsRecords: false });
  const { domainId } = await addAgain();
  const { organisationId } = t;
  const put = [recordOf(keyName, "v=DKIM1; p=AA")];
  const publisher = openRecordPublisher(world.worker);
  await publisher.publish({ organisationId, domainId, put, withdraw: [], reason: "test" });
  pass(8 * dayMs);
  await check(domainId);
  const known = await t.database.admin.query.select().from(dnsPublishedRecords);
  expect(known.filter((row) => row.name === keyName && row.domainId === domainId)).toHaveLength(1);
});

test("a domain that comes back hands its names over when the aliases of its former life are needed no more", async () => {
  const { organisationId, tenantId } = t;
  const alias = "ms1._domainkey.alpha.example";
  await t.database.admin.query.update(organisations).set({ dkimZone: "keys.msp.example" });
  await t.database.admin.query.insert(dnsPublishedRecords).values({
    id: crypto.randomUUID(),
    organisationId,
    tenantId,
    domainId: world.domainId,
    zone: "alpha.example",
    name: alias,
    type: "CNAME",
    value: "ms1.0123.keys.msp.example",
    publishedAt: t.clock.now,
  });
  await removeDomain(t.owner, { domainId: world.domainId });
  pass(3 * dayMs);
  await expect(addAgain(true)).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringMatching(
      `^${alias} still leads to ms1.0123.keys.msp.example for mail that was signed before alpha.example was removed`,
    ),
  });
  pass(5 * dayMs);
  await addAgain(true);
});
