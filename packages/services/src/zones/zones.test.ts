import { randomUUID } from "node:crypto";
import { makeAgent } from "@mailstead/db/factories";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import type { PublishRequest, RecordPublisher } from "../dns/index.ts";
import { addDomain, removeDomain } from "../domains/index.ts";
import {
  addServer,
  getTargetState,
  installServer,
  recordFacts,
  recordObserved,
  removeServer,
} from "../servers/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { testFacts } from "../testing/test-facts.ts";
import {
  addZoneRecords,
  changeZoneRecord,
  createHostedZonePublisher,
  createZone,
  getZone,
  importZone,
  listZones,
  removeZone,
  removeZoneRecord,
  renewWaitingZones,
} from "./index.ts";

let t: ServiceTest;
let count = 0;
let zone: string;
let primary: string;
let secondary: string;
beforeAll(async () => {
  t = await openServiceTest();
});
afterAll(() => t.close());
beforeEach(async () => {
  count += 1;
  zone = `zone${count}.example`;
  primary = await makeServer(`a${count}`, ["198.51.100.11", "2001:db8:51::11"]);
  secondary = await makeServer(`b${count}`, ["198.51.100.12"]);
});

async function makeServer(name: string, ipAddresses: string[], isInstalled = true): Promise<string> {
  const { tenantId, organisationId } = t;
  const { serverId } = await addServer(t.owner, { tenantId, name, hostname: `${name}.msp.example` });
  await makeAgent(t.database.admin, { organisationId, tenantId, serverId });
  await recordFacts(t.system, { serverId, facts: testFacts({ ipAddresses }) });
  if (isInstalled) await installServer(t.owner, { serverId });
  return serverId;
}

const host = async (changes: Partial<Parameters<typeof createZone>[1]> = {}) =>
  (
    await createZone(t.owner, {
      tenantId: t.tenantId,
      name: zone,
      primaryServerId: primary,
      secondaryServerId: secondary,
      ...changes,
    })
  ).zoneId;
const zonesOn = async (serverId: string) => (await getTargetState(t.owner, { serverId })).state.dns;
async function primaryZone() {
  const found = (await zonesOn(primary)).zones.find(({ name }) => name === zone);
  if (found?.role !== "primary") return expect.fail("the primary holds no such zone");
  return found;
}
const txt = (value: string, name = "@") => ({ name, type: "TXT", value });
const own = async (zoneId: string) =>
  (await getZone(t.owner, { zoneId })).records.filter(({ isOwn }) => isOwn);

describe("hosting a zone", () => {
  test("writes it into the target states of both servers, with a secret that no document and no audit shows", async () => {
    const zoneId = await host();
    const first = await primaryZone();
    expect(first).toMatchObject({
      role: "primary",
      peerAddresses: ["198.51.100.12"],
      serial: Math.floor(t.clock.now.getTime() / 1000),
      nameServers: [
        { name: `a${count}.msp.example`, addresses: ["198.51.100.11", "2001:db8:51::11"] },
        { name: `b${count}.msp.example`, addresses: ["198.51.100.12"] },
      ],
    });
    expect(await zonesOn(secondary)).toMatchObject({
      hasServed: true,
      listenAddresses: ["198.51.100.12"],
      zones: [{ role: "secondary", name: zone, peerAddresses: ["198.51.100.11"] }],
    });
    const [other] = (await zonesOn(secondary)).zones;
    expect(other?.transferSecret.box).not.toBe(first.transferSecret.box);
    expect(await getZone(t.owner, { zoneId })).toMatchObject({
      name: zone,
      delegation: { glue: [] },
      steps: [],
    });
    expect((await listZones(t.owner)).find(({ id }) => id === zoneId)).toMatchObject({
      primary: `a${count}`,
      secondary: `b${count}`,
      standing: "unchecked",
    });
  });

  test("asks for glue when its name servers lie inside it", async () => {
    const zoneId = await host({ nameServers: { primary: `NS1.${zone}`, secondary: `ns2.${zone}` } });
    expect((await getZone(t.owner, { zoneId })).delegation.glue).toEqual([
      { name: `ns1.${zone}`, addresses: ["198.51.100.11", "2001:db8:51::11"] },
      { name: `ns2.${zone}`, addresses: ["198.51.100.12"] },
    ]);
  });

  test("is refused with a sentence for one server twice, one without agent's addresses, one not installed, and a name twice", async () => {
    await expect(host({ secondaryServerId: primary })).rejects.toMatchObject({
      kind: "invalid",
      message: /needs two servers/,
    });
    const bare = await makeServer(`c${count}`, ["10.0.0.1"]);
    await expect(host({ secondaryServerId: bare })).rejects.toMatchObject({
      message: /has no public address/,
    });
    const six = await makeServer(`d${count}`, ["2001:db8:51::14"]);
    await expect(host({ primaryServerId: six })).rejects.toMatchObject({ message: /of the same family/ });
    const waiting = await makeServer(`e${count}`, ["198.51.100.15"], false);
    await expect(host({ secondaryServerId: waiting })).rejects.toMatchObject({
      message: /is not installed yet/,
    });
    await expect(
      host({ nameServers: { primary: `ns.${zone}`, secondary: `ns.${zone}` } }),
    ).rejects.toMatchObject({ message: /need two names/ });
    await host();
    await expect(host()).rejects.toMatchObject({
      kind: "conflict",
      message: `${zone} is hosted here already.`,
    });
  });

  test("keeps its servers from being removed, and leaves them when it is removed, to who confirms its name", async () => {
    const zoneId = await host();
    await expect(removeServer(t.owner, { serverId: secondary })).rejects.toMatchObject({
      message: `b${count} still answers for 1 zone; remove those first.`,
    });
    await expect(removeZone(t.as("technician"), { zoneId, confirmedName: zone })).rejects.toMatchObject({
      kind: "forbidden",
    });
    await expect(removeZone(t.owner, { zoneId, confirmedName: "other" })).rejects.toMatchObject({
      kind: "precondition-failed",
    });
    await removeZone(t.owner, { zoneId, confirmedName: zone });
    expect(await zonesOn(primary)).toMatchObject({ hasServed: true, zones: [] });
    expect(await zonesOn(secondary)).toMatchObject({ hasServed: true, zones: [] });
    await removeServer(t.owner, { serverId: secondary });
  });

  test("is nobody else's: a stranger, another customer and an auditor neither see nor change it", async () => {
    const zoneId = await host();
    const stranger = await t.makeStranger();
    await expect(getZone(stranger, { zoneId })).rejects.toMatchObject({ kind: "not-found" });
    expect(await listZones(stranger)).toEqual([]);
    await expect(addZoneRecords(stranger, { zoneId, records: [txt("x")] })).rejects.toMatchObject({
      kind: "not-found",
    });
    await expect(getZone(t.as("owner", randomUUID()), { zoneId })).rejects.toMatchObject({
      kind: "not-found",
    });
    await expect(addZoneRecords(t.as("auditor"), { zoneId, records: [txt("x")] })).rejects.toMatchObject({
      kind: "forbidden",
    });
  });
});

describe("records of the people's own", () => {
  test("are added all or none, changed and removed, each with a higher serial and an entry in the audit", async () => {
    const zoneId = await host();
    const serials = [(await primaryZone()).serial];
    const added = await addZoneRecords(t.as("technician"), {
      zoneId,
      records: [txt("one"), { name: "www", type: "cname", value: "Shop.Elsewhere.Example." }, txt("one")],
    });
    expect(added).toMatchObject({ added: 2, known: 1, isChanged: true, jobIds: [expect.any(String)] });
    serials.push((await primaryZone()).serial);
    expect((await primaryZone()).records).toEqual([
      { name: `www.${zone}`, type: "CNAME", ttlSeconds: 3600, value: "shop.elsewhere.example" },
      { name: zone, type: "TXT", ttlSeconds: 3600, value: "one" },
    ]);
    const [, record] = await own(zoneId);
    await changeZoneRecord(t.owner, { zoneId, recordId: record?.id ?? "", ...txt("two"), ttlSeconds: 300 });
    serials.push((await primaryZone()).serial);
    await removeZoneRecord(t.owner, { zoneId, recordId: record?.id ?? "" });
    serials.push((await primaryZone()).serial);
    expect(serials).toEqual([...new Set(serials)].sort((left, right) => left - right));
    expect((await primaryZone()).records).toHaveLength(1);
    const { entries } = await listAudit(t.owner, {});
    expect(entries.slice(0, 3).map(({ action }) => action)).toEqual([
      "remove-zone-record",
      "change-zone-record",
      "add-zone-records",
    ]);
  });

  test("that say what stands there already make no revision", async () => {
    const zoneId = await host();
    await addZoneRecords(t.owner, { zoneId, records: [txt("one")] });
    expect(await addZoneRecords(t.owner, { zoneId, records: [txt("one")] })).toMatchObject({
      added: 0,
      isChanged: false,
      jobIds: [],
    });
  });

  test.each([
    [{ name: "www", type: "A", value: "not an address" }, /is not an IPv4 address/],
    [{ name: "www.other.example.", type: "A", value: "198.51.100.1" }, /does not lie in the zone/],
    [{ name: "@", type: "NS", value: "ns9.example" }, /name servers of zone\d+\.example itself are kept/],
    [{ name: "@", type: "CNAME", value: "a.example" }, /alias/],
    [{ name: "@", type: "SOA", value: "a b 1 2 3 4 5" }, /./],
    [txt("a\nb"), /one line/],
    [{ ...txt("a"), ttlSeconds: 5 }, /./],
  ])("%j is refused with a sentence, and everything with it", async (record, message) => {
    const zoneId = await host();
    await expect(addZoneRecords(t.owner, { zoneId, records: [txt("good"), record] })).rejects.toMatchObject({
      kind: "invalid",
      message,
    });
    expect(await own(zoneId)).toEqual([]);
  });
});

describe("a zone file from elsewhere", () => {
  const text = `$ORIGIN ${"ZONE"}.
$TTL 30
@ IN SOA old.ns. admin.old. 1 2 3 4 5
@ IN NS old.ns.
@ IN MX 10 mx
  IN TXT "v=spf1 mx " "-all"
www 86401 IN CNAME shop.elsewhere.example.
`;
  const zoneFile = () => text.replace("ZONE", zone);

  test("becomes records of the people's own, but for what Mailstead keeps, which is named", async () => {
    const zoneId = await host();
    const imported = await importZone(t.owner, { zoneId, text: zoneFile() });
    expect(imported).toMatchObject({ added: 3, leftOut: [`${zone} SOA`, `${zone} NS`] });
    expect(
      (await own(zoneId)).map(({ name, type, ttlSeconds, value }) => ({ name, type, ttlSeconds, value })),
    ).toEqual([
      { name: `www.${zone}`, type: "CNAME", ttlSeconds: 86_400, value: "shop.elsewhere.example" },
      { name: zone, type: "MX", ttlSeconds: 60, value: `10 mx.${zone}` },
      { name: zone, type: "TXT", ttlSeconds: 60, value: "v=spf1 mx -all" },
    ]);
    expect(await importZone(t.owner, { zoneId, text: zoneFile() })).toMatchObject({ added: 0, known: 3 });
  });

  test.each([
    ["broken\n@ IN A not-an-address", /^Line 1: /],
    ["@ IN A 198.51.100.1\nwww IN A 198.51.100.999", /^Line 2: /],
    ['@ IN NAPTR 1 1 "" "" "" a.example.', /is of a type that is not hosted here/],
    ["www.other.example. IN A 198.51.100.1", /does not lie in the zone/],
    ["@ IN SOA a. b. 1 2 3 4 5", /holds no record/],
    ["$INCLUDE /etc/passwd", /is not followed/],
  ])("%j is refused with a sentence, and everything with it", async (broken, message) => {
    const zoneId = await host();
    await expect(importZone(t.owner, { zoneId, text: broken })).rejects.toMatchObject({
      kind: "invalid",
      message,
    });
    expect(await own(zoneId)).toEqual([]);
  });
});

describe("records of hosted domains", () => {
  const reportKeys = async () => {
    const { state } = await getTargetState(t.owner, { serverId: primary });
    const keys = state.domains.find(({ name }) => name === zone)?.dkimKeys ?? [];
    await recordObserved(t.gateway, {
      serverId: primary,
      report: {
        targetRevision: state.revision,
        drift: [],
        directory: { epoch: 1, revision: 0 },
        dkimPublicKeys: keys.map(({ selector, algorithm }) => ({
          domain: zone,
          selector,
          algorithm,
          publicKey: "QUJD",
        })),
      },
    });
    return keys;
  };
  const renew = () => renewWaitingZones(t.system, { app: t.database.app, installation: t.installation });
  const addOwnDomain = () => addDomain(t.owner, { tenantId: t.tenantId, serverId: primary, name: zone });

  test("stand in the zone from the start, follow the keys that the host makes, and go with the domain", async () => {
    const { domainId } = await addOwnDomain();
    await host();
    const values = async () => (await primaryZone()).records.map(({ name, type }) => `${name} ${type}`);
    expect(await values()).toEqual(
      expect.arrayContaining([`${zone} MX`, `${zone} TXT`, `_dmarc.${zone} TXT`]),
    );
    const keys = await reportKeys();
    await renew();
    for (const { selector } of keys) expect(await values()).toContain(`${selector}._domainkey.${zone} TXT`);
    const { revision } = (await getTargetState(t.owner, { serverId: primary })).state;
    expect(await renew()).toMatchObject({ changed: [], failed: [] });
    expect((await getTargetState(t.owner, { serverId: primary })).state.revision).toBe(revision);
    await removeDomain(t.owner, { domainId });
    await renew();
    expect(await values()).toEqual([]);
  });

  test("never take the place of what people wrote", async () => {
    const zoneId = await host();
    await addZoneRecords(t.owner, { zoneId, records: [txt("v=spf1 include:other.example -all")] });
    await addOwnDomain();
    await renew();
    const { records } = await primaryZone();
    expect(records.filter(({ value }) => value.startsWith("v=spf1")).map(({ value }) => value)).toEqual([
      "v=spf1 include:other.example -all",
    ]);
    expect(records).toContainEqual(expect.objectContaining({ type: "MX" }));
  });

  test("yield to what people write later, but for a key that signs", async () => {
    await addOwnDomain();
    const zoneId = await host();
    const [key] = await reportKeys();
    await renew();
    await addZoneRecords(t.owner, { zoneId, records: [txt("v=spf1 include:other.example -all")] });
    const { records } = await primaryZone();
    expect(records.filter(({ value }) => value.startsWith("v=spf1") && !value.includes(" a "))).toMatchObject(
      [{ value: "v=spf1 include:other.example -all" }],
    );
    await expect(
      addZoneRecords(t.owner, { zoneId, records: [txt("v=DKIM1; p=", `${key?.selector}._domainkey`)] }),
    ).rejects.toMatchObject({ kind: "conflict", message: /is the DKIM key that a domain signs with/ });
  });

  test("cannot be changed or removed by hand, with the reason", async () => {
    await addOwnDomain();
    const zoneId = await host();
    const planned = (await getZone(t.owner, { zoneId })).records.find(({ type }) => type === "MX");
    expect(planned).toMatchObject({ isOwn: false, neededBy: zone });
    await expect(removeZoneRecord(t.owner, { zoneId, recordId: planned?.id ?? "" })).rejects.toMatchObject({
      kind: "forbidden",
      message: /is kept by Mailstead, because a domain needs it/,
    });
  });

  test("follow a server to its new address, which Knot listens on from then on", async () => {
    await addOwnDomain();
    await host({ nameServers: { primary: `ns1.${zone}`, secondary: `ns2.${zone}` } });
    const { serial } = await primaryZone();
    await recordFacts(t.system, { serverId: primary, facts: testFacts({ ipAddresses: ["198.51.100.99"] }) });
    await renew();
    expect((await zonesOn(primary)).listenAddresses).toEqual(["198.51.100.99"]);
    expect((await primaryZone()).nameServers[0]?.addresses).toEqual(["198.51.100.99"]);
    expect((await primaryZone()).serial).toBeGreaterThan(serial);
    expect((await zonesOn(secondary)).zones).toMatchObject([{ peerAddresses: ["198.51.100.99"] }]);
  });

  describe("are published by the port that rotations use", () => {
    const asked: PublishRequest[] = [];
    const elsewhere: RecordPublisher = {
      async publish(request) {
        asked.push(request);
        return { kind: "by-hand" };
      },
    };
    const record = (value: string, name = `ms9._domainkey.${zone}`) =>
      ({
        purpose: "dkim",
        name,
        type: "TXT",
        value,
        level: "required",
        reason: "r",
        withoutIt: "w",
        publishedAt: "domain-dns",
      }) as const;
    const publisher = () =>
      createHostedZonePublisher({ ...t.owner, actor: { kind: "system", name: "worker" } }, elsewhere);
    const request = (domainId: string, changes: Partial<PublishRequest>): PublishRequest => ({
      organisationId: t.organisationId,
      domainId,
      put: [],
      withdraw: [],
      reason: "rotation of the DKIM keys",
      ...changes,
    });

    test("once and only once, and are withdrawn by it alone", async () => {
      const { domainId } = await addOwnDomain();
      await host();
      const put = [record("v=DKIM1; p=QUJD")];
      expect(await publisher().publish(request(domainId, { put }))).toEqual({
        kind: "published",
        changes: 1,
      });
      expect(await publisher().publish(request(domainId, { put }))).toEqual({
        kind: "published",
        changes: 0,
      });
      await renew();
      expect((await primaryZone()).records).toContainEqual(
        expect.objectContaining({ value: "v=DKIM1; p=QUJD", ttlSeconds: 300 }),
      );
      expect(await publisher().publish(request(domainId, { withdraw: put }))).toEqual({
        kind: "published",
        changes: 1,
      });
      expect((await primaryZone()).records).not.toContainEqual(
        expect.objectContaining({ value: "v=DKIM1; p=QUJD" }),
      );
    });

    test("and are refused, with nothing written, where people wrote something else", async () => {
      const { domainId } = await addOwnDomain();
      const zoneId = await host();
      await addZoneRecords(t.owner, { zoneId, records: [txt("v=DKIM1; p=", "ms9._domainkey")] });
      const { serial } = await primaryZone();
      const put = [record("v=DKIM1; p=QUJD"), record("v=DKIM1; p=QUJD", `ms8._domainkey.${zone}`)];
      expect(await publisher().publish(request(domainId, { put }))).toMatchObject({
        kind: "refused",
        sentence: /was written by you and stands in the way of/,
      });
      expect((await primaryZone()).serial).toBe(serial);
    });

    test("while a domain whose zone lies elsewhere is left to whoever serves it", async () => {
      const { domainId } = await addOwnDomain();
      asked.length = 0;
      const put = [record("v=DKIM1; p=QUJD")];
      expect(await publisher().publish(request(domainId, { put }))).toEqual({ kind: "by-hand" });
      expect(asked).toMatchObject([{ put }]);
    });
  });
});

describe("keys and hosts", () => {
  const signers = [{ keyTag: 48918, algorithm: 13, digestType: 2, digest: "4BE1".repeat(16) }];
  const reportFrom = (serverId: string, zoneName = zone) =>
    recordObserved(t.gateway, {
      serverId,
      report: {
        targetRevision: 1,
        drift: [],
        directory: { epoch: 1, revision: 0 },
        dkimPublicKeys: [],
        zoneKeys: [{ zone: zoneName, signers, keys: ["257 3 13 a3Nr"] }],
      },
    });

  test("the DS to paste is what the primary reported, and nobody else is heard", async () => {
    const zoneId = await host();
    await reportFrom(secondary);
    expect((await getZone(t.owner, { zoneId })).delegation.signers).toEqual([]);
    await reportFrom(primary);
    expect(await getZone(t.owner, { zoneId })).toMatchObject({
      delegation: { signers },
      publicKeys: ["257 3 13 a3Nr"],
    });
  });

  test("a host set up anew gets the secret for its own agent, and begins above every version that was served", async () => {
    await host();
    const before = await primaryZone();
    await t.database.admin.pool.query("update agents set sealing_key = $1 where server_id = $2", [
      Buffer.alloc(32, 9).toString("base64"),
      primary,
    ]);
    t.clock.now = new Date(t.clock.now.getTime() + 86_400_000);
    await installServer(t.owner, { serverId: primary });
    const after = await primaryZone();
    expect(after.transferSecret.box).not.toBe(before.transferSecret.box);
    expect(after.serial).toBe(Math.floor(t.clock.now.getTime() / 1000));
    const { revision } = (await getTargetState(t.owner, { serverId: primary })).state;
    await installServer(t.owner, { serverId: primary });
    expect((await getTargetState(t.owner, { serverId: primary })).state.revision).toBe(revision);
  });
});
