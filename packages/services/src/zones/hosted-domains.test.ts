import { describe, expect, test } from "vitest";
import type { PublishRequest, RecordPublisher } from "../dns/index.ts";
import { addDomain, removeDomain, renameServer, stopDomainMail } from "../domains/index.ts";
import { getTargetState, installServer, recordFacts, recordObserved } from "../servers/index.ts";
import { testFacts } from "../testing/test-facts.ts";
import {
  addZoneRecords,
  createHostedZonePublisher,
  getZone,
  removeZoneRecord,
  renewWaitingZones,
} from "./index.ts";
import {
  host,
  primary,
  primaryZone,
  secondary,
  t,
  txt,
  useZoneWorld,
  zone,
  zonesOn,
} from "./zone-world.testing.ts";

useZoneWorld();

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
    // Mail that is on its way is still signed with them.
    expect((await values()).sort()).toEqual(
      keys.map(({ selector }) => `${selector}._domainkey.${zone} TXT`).sort(),
    );
    t.clock.now = new Date(t.clock.now.getTime() + 7 * 86_400_000);
    await renew();
    expect(await values()).toEqual([]);
  });

  test("of a server are never away while one domain gives it up and another needs it", async () => {
    await renameServer(t.owner, { serverId: primary, hostname: `mx.${zone}` });
    const { domainId } = await addOwnDomain();
    await host({ nameServers: { primary: `ns1.${zone}`, secondary: `ns2.${zone}` } });
    await addDomain(t.owner, { tenantId: t.tenantId, serverId: primary, name: `a.${zone}` });
    await renew();
    const ofServer = async () =>
      (await primaryZone()).records.filter(({ name }) => name.endsWith(`mx.${zone}`));
    const before = await ofServer();
    expect(before.map(({ type }) => type)).toEqual(expect.arrayContaining(["A", "TXT"]));
    await stopDomainMail(t.owner, { domainId });
    await renew();
    expect(await ofServer()).toEqual(before);
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
