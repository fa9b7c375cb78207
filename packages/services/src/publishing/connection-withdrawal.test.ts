import { dnsPublishedRecords } from "@mailstead/db";
import { makeDomain, makeTenant } from "@mailstead/db/factories";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DnsProviderError } from "../dns/index.ts";
import { addDomain, removeDomain } from "../domains/index.ts";
import { removeTenant } from "../tenants/index.ts";
import type { ServiceTest } from "../testing/service-test.ts";
import { giveUpWithdrawal, listWithdrawals, previewConnectionWithdrawal } from "../withdrawals/index.ts";
import {
  connectDns,
  listDnsConnections,
  openRecordPublisher,
  type PublishingWorker,
  planPublication,
  removeDnsConnection,
} from "./index.ts";
import { openPublishingWorld, type PublishingWorld, recordOf, stepsIn } from "./publishing-world.testing.ts";
import { TestZones } from "./zones.fixture.ts";

const day = 86_400_000;
const keyName = "s1._domainkey.alpha.example";
const site = "alpha.example TXT site=1";
const key = `${keyName} TXT v=DKIM1; p=AA`;

let t: ServiceTest;
let zones: TestZones;
let worker: PublishingWorker;
let domainId: string;
let serverId: string;
let connectionId: string;
let steps: ReturnType<typeof stepsIn>;
let world: PublishingWorld;

beforeEach(async () => {
  world = await openPublishingWorld();
  ({ t, zones, worker, domainId, serverId } = world);
  steps = stepsIn(world);
  connectionId = await steps.connect();
  zones.put(site);
  await steps.plan();
  await steps.publish();
  const put = [recordOf(keyName, "v=DKIM1; p=AA")];
  const { organisationId } = t;
  await openRecordPublisher(worker).publish({ organisationId, domainId, put, withdraw: [], reason: "test" });
});
afterEach(() => t.close());

const pass = (ms: number) => {
  t.clock.now = new Date(t.clock.now.getTime() + ms);
};

describe("the records of a connection that is removed", () => {
  it("stay unless a person wants them away", async () => {
    const before = zones.lines();
    expect((await previewConnectionWithdrawal(t.owner, { connectionId })).going.length).toBeGreaterThan(4);
    expect(await removeDnsConnection(t.owner, { connectionId })).toEqual({ withdrawn: 0, isKept: false });
    await steps.work();
    expect(zones.lines()).toEqual(before);
    expect(await listDnsConnections(t.owner)).toEqual([]);
  });

  it("go first, through the connection, which is used for nothing else and goes with the last of them", async () => {
    zones.error = new DnsProviderError("rate-limited", "Slow down.");
    const { withdrawn } = await removeDnsConnection(t.owner, { connectionId, withdrawsRecords: true });
    expect(withdrawn).toBeGreaterThan(4);
    await steps.work();
    expect(await listDnsConnections(t.owner)).toMatchObject([{ leavingSince: t.clock.now }]);
    zones.error = null;
    await planPublication(t.owner, { domainId });
    pass(60_000);
    await steps.work();
    expect(await steps.shown()).toMatchObject({
      state: "failed",
      problem: expect.stringContaining("No DNS connection"),
    });
    expect(zones.lines()).toEqual([site, key]);
    expect(await listDnsConnections(t.owner)).toEqual([]);
  });

  it("go without the DKIM keys of a domain that lives, which stay ours for a rotation to end", async () => {
    const preview = await previewConnectionWithdrawal(t.owner, { connectionId });
    expect(preview.keys).toMatchObject([{ name: keyName }]);
    expect(preview.going.map(({ name }) => name)).not.toContain(keyName);
    await removeDnsConnection(t.owner, { connectionId, withdrawsRecords: true });
    pass(8 * day);
    await steps.work();
    expect(zones.lines()).toEqual([site, key]);
    expect(await t.database.admin.query.select().from(dnsPublishedRecords)).toMatchObject([
      { name: keyName, domainId, withdrawalId: null },
    ]);
  });

  it("take with them what a removed domain left standing, its keys a week after it went", async () => {
    await removeDomain(t.owner, { domainId, withdrawsRecords: false });
    pass(3 * day);
    const { going, later } = await previewConnectionWithdrawal(t.owner, { connectionId });
    expect(going).toContainEqual(expect.objectContaining({ type: "MX", name: "alpha.example" }));
    expect(later).toMatchObject([{ name: keyName }]);
    await removeDnsConnection(t.owner, { connectionId, withdrawsRecords: true });
    await steps.work();
    expect(zones.lines()).toEqual([site, key]);
    expect(await listDnsConnections(t.owner)).toHaveLength(1);
    pass(4 * day);
    await steps.work();
    expect(zones.lines()).toEqual([site]);
    expect(await listDnsConnections(t.owner)).toEqual([]);
    expect(await t.database.admin.query.select().from(dnsPublishedRecords)).toEqual([]);
  });

  it("stay where a domain that lives has had the same value written", async () => {
    const { organisationId, tenantId } = t;
    const other = await makeDomain(t.database.admin, {
      organisationId,
      tenantId,
      name: "b.example",
      serverId,
    });
    const shared = recordOf("shared.alpha.example", "v=spf1 -all");
    const publish = (id: string) =>
      openRecordPublisher(worker).publish({
        organisationId,
        domainId: id,
        put: [shared],
        withdraw: [],
        reason: "test",
      });
    await publish(domainId);
    await t.database.admin.query.insert(dnsPublishedRecords).values({
      id: crypto.randomUUID(),
      organisationId,
      tenantId,
      domainId: other.id,
      zone: "alpha.example",
      name: shared.name,
      type: "TXT",
      value: shared.value,
      publishedAt: t.clock.now,
    });
    await removeDomain(t.owner, { domainId });
    await steps.work();
    expect(zones.lines()).toContain("shared.alpha.example TXT v=spf1 -all");
    expect(zones.lines()).not.toContain("alpha.example MX 10 mail.alpha.example");
  });
});

describe("a connection through which keys of a removed domain are still to be taken away", () => {
  beforeEach(async () => {
    await removeDomain(t.owner, { domainId });
    await steps.work();
  });

  it("keeps their customer too, without whom nobody would take them away", async () => {
    const { id: tenantId } = await makeTenant(t.database.admin, { organisationId: t.organisationId });
    await t.database.admin.pool.query(
      "insert into dns_withdrawals (id, organisation_id, tenant_id, domain_id, domain_name, next_attempt_at, requested_by, created_at) select gen_random_uuid(), organisation_id, $1, domain_id, domain_name, next_attempt_at, requested_by, created_at from dns_withdrawals",
      [tenantId],
    );
    await expect(removeTenant(t.owner, { tenantId })).rejects.toMatchObject({
      kind: "precondition-failed",
      message: expect.stringContaining("still to be taken away"),
    });
    const [waiting] = await listWithdrawals({ ...t.owner, tenantId });
    await giveUpWithdrawal(t.owner, { withdrawalId: waiting?.id ?? "" });
    await removeTenant(t.owner, { tenantId });
  });

  it("is kept for them with its credentials although it is removed, and goes once they are gone", async () => {
    const preview = await previewConnectionWithdrawal(t.owner, { connectionId });
    expect(preview.waiting).toMatchObject([{ name: keyName }]);
    expect(await removeDnsConnection(t.owner, { connectionId })).toEqual({ withdrawn: 0, isKept: true });
    await expect(removeDnsConnection(t.owner, { connectionId })).rejects.toMatchObject({
      kind: "precondition-failed",
    });
    await steps.work();
    expect(await listDnsConnections(t.owner)).toMatchObject([{ leavingSince: t.clock.now }]);
    pass(7 * day);
    await steps.work();
    expect(zones.lines()).not.toContain(key);
    expect(await listDnsConnections(t.owner)).toEqual([]);
  });

  it("goes at once when they are left where they are", async () => {
    await removeDnsConnection(t.owner, { connectionId });
    const [keys] = await listWithdrawals(t.owner);
    await giveUpWithdrawal(t.owner, { withdrawalId: keys?.id ?? "" });
    expect(await listDnsConnections(t.owner)).toEqual([]);
    pass(8 * day);
    await steps.work();
    expect(zones.lines()).toContain(key);
  });

  it("goes as well when somebody leaves them who sees their customer only", async () => {
    await removeDnsConnection(t.owner, { connectionId });
    const admin = { ...t.owner, tenantId: t.tenantId };
    const [keys] = await listWithdrawals(admin);
    await giveUpWithdrawal(admin, { withdrawalId: keys?.id ?? "" });
    expect(await listDnsConnections(t.owner)).toEqual([]);
  });

  it("goes at once when another connection reaches their zone", async () => {
    await steps.connect("the new token");
    expect(await removeDnsConnection(t.owner, { connectionId })).toEqual({ withdrawn: 0, isKept: false });
    pass(7 * day);
    await steps.work();
    expect(zones.lines()).not.toContain(key);
  });

  it("takes away what lies in its own zones alone, and what lies elsewhere goes as it would have gone", async () => {
    const elsewhere = "ms1.keys.elsewhere.example";
    const { domainId: again } = await addDomain(t.owner, {
      tenantId: t.tenantId,
      serverId,
      name: "again.alpha.example",
    });
    const theirs = new TestZones("elsewhere.example");
    const open = worker.openProvider;
    world.worker = {
      ...worker,
      openProvider: (given) => (given.provider === "gandi" ? theirs : open(given)),
    };
    await connectDns(t.owner, { label: "Gandi", settings: { provider: "gandi", token: "t" } });
    await steps.work();
    await openRecordPublisher(world.worker).publish({
      organisationId: t.organisationId,
      domainId: again,
      put: [
        recordOf("ms1._domainkey.again.alpha.example", elsewhere, "CNAME"),
        recordOf(elsewhere, "v=DKIM1; p=BB"),
      ],
      withdraw: [],
      reason: "test",
    });
    expect(theirs.lines()).toHaveLength(1);
    await removeDomain(t.owner, { domainId: again });
    expect(await removeDnsConnection(t.owner, { connectionId })).toMatchObject({ isKept: true });
    pass(7 * day);
    await steps.work();
    expect(theirs.lines()).toEqual([]);
    expect(zones.lines().filter((line) => line.includes("_domainkey"))).toEqual([]);
    expect(await listWithdrawals(t.owner)).toEqual([]);
    expect(await listDnsConnections(t.owner)).toMatchObject([{ label: "Gandi", leavingSince: null }]);
  });

  it("gives them back to the domain when that is added again meanwhile", async () => {
    await removeDnsConnection(t.owner, { connectionId });
    await addDomain(t.owner, { tenantId: t.tenantId, serverId, name: "alpha.example" });
    pass(8 * day);
    await steps.work();
    expect(zones.lines()).toContain(key);
    expect(await listWithdrawals(t.owner)).toEqual([]);
    expect(await listDnsConnections(t.owner)).toEqual([]);
  });
});

it("a domain that is added again has what it left standing as its own, and loses it with nothing else", async () => {
  await removeDomain(t.owner, { domainId, withdrawsRecords: false });
  const again = await addDomain(t.owner, { tenantId: t.tenantId, serverId, name: "alpha.example" });
  const rows = await t.database.admin.query.select().from(dnsPublishedRecords);
  expect(rows.every((row) => row.domainId === again.domainId && row.formerDomainName === null)).toBe(true);
  const { keys, later } = await previewConnectionWithdrawal(t.owner, { connectionId });
  expect(keys).toMatchObject([{ name: keyName }]);
  expect(later).toEqual([]);
});
