import { auditEntries, checkFindings, dkimKeys, dnsPublishedRecords, outgoingMails } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listFindingChanges, makeDigests } from "../checks/index.ts";
import { DnsProviderError } from "../dns/index.ts";
import { addDomain, removeDomain } from "../domains/index.ts";
import type { ServiceTest } from "../testing/service-test.ts";
import {
  giveUpWithdrawal,
  listWithdrawalAlarms,
  listWithdrawals,
  previewDomainWithdrawal,
  retryWithdrawal,
} from "../withdrawals/index.ts";
import { compareZoneText, openRecordPublisher, type PublishingWorker, removeDnsConnection } from "./index.ts";
import { openPublishingWorld, recordOf, stepsIn } from "./publishing-world.testing.ts";
import type { TestZones } from "./zones.fixture.ts";

const day = 86_400_000;
const keyName = "s1._domainkey.alpha.example";

let t: ServiceTest;
let zones: TestZones;
let worker: PublishingWorker;
let domainId: string;
let serverId: string;
let connectionId: string;
let work: () => Promise<unknown>;
let steps: ReturnType<typeof stepsIn>;

beforeEach(async () => {
  const world = await openPublishingWorld();
  ({ t, zones, worker, domainId, serverId } = world);
  steps = stepsIn(world);
  work = steps.work;
  connectionId = await steps.connect();
  zones.put("alpha.example TXT site=1");
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
const ofServer = "mail.alpha.example TXT v=spf1 a -all";
const key = `${keyName} TXT v=DKIM1; p=AA`;

describe("the records of a domain that is removed", () => {
  it("are shown first: what goes, what waits for mail on its way, and what a server still needs", async () => {
    const preview = await previewDomainWithdrawal(t.owner, { domainId });
    expect(preview.going).toContainEqual(
      expect.objectContaining({ type: "MX", value: "10 mail.alpha.example" }),
    );
    expect(preview.keys).toMatchObject([{ name: keyName }]);
    expect(preview.staying).toContainEqual(expect.objectContaining({ name: "mail.alpha.example" }));
    expect(preview.unreachable).toEqual([]);
    const stranger = await t.makeStranger();
    await expect(previewDomainWithdrawal(stranger, { domainId })).rejects.toMatchObject({
      kind: "not-found",
    });
  });

  it("wait for mail on its way also where its keys stand behind delegated names", async () => {
    const name = "ms1.0123.dkim.msp.example";
    const row = { id: crypto.randomUUID(), organisationId: t.organisationId, tenantId: t.tenantId, domainId };
    const delegated = { algorithm: "rsa-2048", signsAs: "ms1", publishedAtName: name } as const;
    await t.database.admin.query
      .insert(dkimKeys)
      .values({ ...row, ...delegated, serverId, selector: "ms202611a", createdAt: t.clock.now });
    await t.database.admin.query.insert(dnsPublishedRecords).values({
      ...row,
      zone: "msp.example",
      name,
      type: "TXT",
      value: "v=DKIM1; p=AA",
      publishedAt: t.clock.now,
    });
    const preview = await previewDomainWithdrawal(t.owner, { domainId });
    expect(preview.keys.map((value) => value.name).sort()).toEqual([name, keyName].sort());
    expect(preview.going.map((value) => value.name)).not.toContain(name);
  });

  it("go at once, but for its keys, which go a week later, and for what is not ours", async () => {
    await removeDomain(t.owner, { domainId });
    await work();
    expect(zones.lines()).toEqual(["alpha.example TXT site=1", ofServer, key].sort());
    expect(await listWithdrawals(t.owner)).toMatchObject([
      { domainName: "alpha.example", state: "waiting", values: [{ name: keyName }] },
    ]);
    pass(7 * day);
    await work();
    expect(zones.lines()).toEqual(["alpha.example TXT site=1", ofServer]);
    expect(await listWithdrawals(t.owner)).toEqual([]);
    const entries = await t.database.admin.query
      .select()
      .from(auditEntries)
      .where(eq(auditEntries.action, "publish-records"));
    expect(entries.at(-1)).toMatchObject({ actorId: t.userId, subjectName: "alpha.example" });
  });

  it("stay where the person says so, and are ours all the same when the domain comes back", async () => {
    const before = zones.lines();
    await removeDomain(t.owner, { domainId, withdrawsRecords: false });
    pass(8 * day);
    await work();
    expect(zones.lines()).toEqual(before);
    expect(await t.database.admin.query.select().from(dnsPublishedRecords)).not.toEqual([]);
    const again = await addDomain(t.owner, { tenantId: t.tenantId, serverId, name: "alpha.example" });
    await t.database.admin.query
      .update(dnsPublishedRecords)
      .set({ value: "v=DMARC1; p=none" })
      .where(eq(dnsPublishedRecords.name, "_dmarc.alpha.example"));
    const { conflicts } = await compareZoneText(t.owner, {
      domainId: again.domainId,
      text: '_dmarc IN TXT "v=DMARC1; p=none"',
    });
    expect(conflicts).toEqual([]);
  });

  it("are given back to the domain when it is added again before they went", async () => {
    await removeDomain(t.owner, { domainId });
    await addDomain(t.owner, { tenantId: t.tenantId, serverId, name: "alpha.example" });
    const before = zones.lines();
    await work();
    expect(zones.lines()).toEqual(before);
    pass(8 * day);
    await work();
    expect(await listWithdrawals(t.owner)).toEqual([]);
    expect(zones.lines()).toEqual(before);
  });

  it("are tried again while the provider fails, and say why they are still there", async () => {
    await removeDomain(t.owner, { domainId });
    zones.error = new DnsProviderError("rate-limited", "deSEC asks us to slow down (429).");
    await work();
    const [first] = await listWithdrawals(t.owner);
    expect(first).toMatchObject({ state: "waiting", problem: "deSEC asks us to slow down (429)." });
    zones.error = null;
    await work();
    expect(zones.lines()).toContain("alpha.example MX 10 mail.alpha.example");
    pass(60_000);
    await work();
    expect(zones.lines()).not.toContain("alpha.example MX 10 mail.alpha.example");
  });

  it("wait for a person when trying again cannot help, who tries again or leaves them", async () => {
    await removeDomain(t.owner, { domainId });
    zones.error = new DnsProviderError("not-allowed", "The token may not write.");
    await work();
    const [failed] = await listWithdrawals(t.owner);
    expect(failed).toMatchObject({ state: "failed", problem: "The token may not write." });
    expect(await listWithdrawalAlarms(t.owner)).toMatchObject([
      { unicodeName: "alpha.example", sentence: "The token may not write." },
    ]);
    pass(day);
    zones.error = null;
    await work();
    expect(zones.lines()).toContain("alpha.example MX 10 mail.alpha.example");
    await retryWithdrawal(t.owner, { withdrawalId: failed?.id ?? "" });
    await work();
    expect(zones.lines()).not.toContain("alpha.example MX 10 mail.alpha.example");
    const [keys] = await listWithdrawals(t.owner);
    expect(keys).toMatchObject({ state: "waiting", isDue: false, values: [{ name: keyName }] });
    await giveUpWithdrawal(t.owner, { withdrawalId: keys?.id ?? "" });
    pass(8 * day);
    await work();
    expect(zones.lines()).toContain(key);
  });

  it("are a finding for whom Home and the daily mail tell, until they are gone or left", async () => {
    await removeDomain(t.owner, { domainId });
    zones.error = new DnsProviderError("not-allowed", "The token may not write.");
    await work();
    const sentence =
      "DNS records of alpha.example that were to be taken away still stand. The token may not write.";
    const subject = { kind: "withdrawal", name: "alpha.example" };
    const [opened] = await listFindingChanges(t.owner);
    expect(opened).toMatchObject({ what: "opened", severity: "warning", sentence, subject });
    expect(await listFindingChanges(await t.makeStranger())).toEqual([]);
    await makeDigests(t.system, { app: t.database.app, installation: t.installation });
    const [mail] = await t.database.admin.query.select().from(outgoingMails);
    expect(mail?.body).toContain(sentence);
    zones.error = null;
    const [failed] = await listWithdrawals(t.owner);
    await retryWithdrawal(t.owner, { withdrawalId: failed?.id ?? "" });
    await work();
    expect(await listWithdrawalAlarms(t.owner)).toEqual([]);
    const rows = await t.database.admin.query.select().from(checkFindings);
    expect(rows).toMatchObject([{ withdrawnDomain: "alpha.example", closedAt: t.clock.now }]);
  });

  it("are told of when trying again has been in vain for long", async () => {
    await removeDomain(t.owner, { domainId });
    zones.error = new DnsProviderError("rate-limited", "Slow down.");
    await work();
    expect(await listWithdrawalAlarms(t.owner)).toEqual([]);
    for (let hour = 0; hour < 24; hour += 1) {
      pass(day / 24);
      await work();
    }
    expect(await listWithdrawalAlarms(t.owner)).toMatchObject([{ sentence: "Slow down." }]);
  });

  it("keep the DKIM keys for mail on its way, however often somebody presses", async () => {
    await removeDomain(t.owner, { domainId });
    await work();
    const [keys] = await listWithdrawals(t.owner);
    await expect(retryWithdrawal(t.owner, { withdrawalId: keys?.id ?? "" })).rejects.toMatchObject({
      kind: "precondition-failed",
      message: expect.stringMatching(/^Mail that was signed with these keys may still be on its way/),
    });
    await work();
    expect(zones.lines()).toContain(key);
    zones.error = new DnsProviderError("not-allowed", "The token may not write.");
    pass(7 * day);
    await work();
    zones.error = null;
    await retryWithdrawal(t.owner, { withdrawalId: keys?.id ?? "" });
    await work();
    expect(zones.lines()).not.toContain(key);
  });

  it("are finished after half a success", async () => {
    await removeDomain(t.owner, { domainId });
    zones.writesOnly = 1;
    zones.writeError = new DnsProviderError("provider-failed", "deSEC failed (500).");
    await work();
    expect(await listWithdrawals(t.owner)).toContainEqual(
      expect.objectContaining({ problem: expect.stringContaining("deSEC failed (500).") }),
    );
    pass(60_000);
    await work();
    expect(zones.lines()).toEqual(["alpha.example TXT site=1", ofServer, key].sort());
  });

  it("are for a person to take away once no connection reaches their zone", async () => {
    await removeDnsConnection(t.owner, { connectionId });
    expect((await previewDomainWithdrawal(t.owner, { domainId })).unreachable).toEqual(["alpha.example"]);
    await removeDomain(t.owner, { domainId });
    await work();
    expect(await listWithdrawals(t.owner)).toContainEqual(
      expect.objectContaining({
        state: "failed",
        problem: expect.stringMatching(/^No DNS connection reaches the zone of .* by hand/),
      }),
    );
  });
});

it("the record of a key stands while anything is known of the key, and goes with the next publication after that", async () => {
  const publishAgain = async () => {
    await steps.plan();
    await steps.publish();
  };
  const { organisationId, tenantId } = t;
  const id = crypto.randomUUID();
  const of = { id, organisationId, tenantId, domainId, serverId, createdAt: t.clock.now };
  await t.database.admin.query
    .insert(dkimKeys)
    .values({ ...of, selector: "s1", algorithm: "ed25519", state: "retiring", publicKey: "AA" });
  await publishAgain();
  expect(zones.lines().filter((line) => line.startsWith(keyName))).not.toEqual([]);
  await t.database.admin.query.delete(dkimKeys).where(eq(dkimKeys.id, id));
  await publishAgain();
  expect(zones.lines().filter((line) => line.startsWith(keyName))).toEqual([]);
});
