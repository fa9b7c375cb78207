import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { removeServer } from "../servers/index.ts";
import {
  addZoneRecords,
  changeZoneRecord,
  getZone,
  importZone,
  listZones,
  previewZoneImport,
  removeZone,
  removeZoneRecord,
} from "./index.ts";
import {
  count,
  host,
  makeServer,
  own,
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
    const preview = await previewZoneImport(t.owner, { zoneId, text: zoneFile() });
    expect(preview.takes).toBe(3);
    expect(preview.notes.map(({ line, what, record }) => `${line} ${what} ${record}`)).toEqual([
      `3 kept ${zone} SOA`,
      `4 kept ${zone} NS`,
      `5 changed ${zone} MX`,
      `6 changed ${zone} TXT`,
      `7 changed www.${zone} CNAME`,
    ]);
    expect(await own(zoneId)).toEqual([]);
    await expect(importZone(t.owner, { zoneId, text: zoneFile() })).rejects.toMatchObject({
      kind: "precondition-failed",
      message: expect.stringMatching(/^Not all of it would be taken as it stands\. Line 5: Its time to live/),
    });
    const accepted = { zoneId, text: zoneFile(), isLossAccepted: true };
    expect(await importZone(t.owner, accepted)).toMatchObject({ added: 3, notes: preview.notes });
    expect(
      (await own(zoneId)).map(({ name, type, ttlSeconds, value }) => ({ name, type, ttlSeconds, value })),
    ).toEqual([
      { name: `www.${zone}`, type: "CNAME", ttlSeconds: 86_400, value: "shop.elsewhere.example" },
      { name: zone, type: "MX", ttlSeconds: 60, value: `10 mx.${zone}` },
      { name: zone, type: "TXT", ttlSeconds: 60, value: "v=spf1 mx -all" },
    ]);
    expect(await importZone(t.owner, accepted)).toMatchObject({ added: 0, known: 3 });
  });

  test("keeps a text to the last space, and an address however it was written", async () => {
    const zoneId = await host();
    const text = '@ IN TXT " say \\"hi\\" \\\\ "\nwww IN AAAA 2001:DB8:0:0::25';
    await importZone(t.owner, { zoneId, text });
    expect((await own(zoneId)).map(({ value }) => value).sort()).toEqual([' say "hi" \\ ', "2001:db8::25"]);
  });

  test.each([
    ["www.other.example. IN A 198.51.100.1", /Line 1: It does not lie in the zone/],
    ["@ IN SOA a. b. 1 2 3 4 5", /holds no record of the zone but/],
    ["$INCLUDE /etc/passwd", /Line 1: .* is not followed/],
  ])("%j holds nothing to take, and is refused with a sentence", async (text, message) => {
    const zoneId = await host();
    await expect(importZone(t.owner, { zoneId, text, isLossAccepted: true })).rejects.toMatchObject({
      kind: "invalid",
      message: expect.stringMatching(message),
    });
    expect(await own(zoneId)).toEqual([]);
  });

  test("that has a line nobody can read gives the rest once a person says so, types of few zones included", async () => {
    const zoneId = await host();
    const text = "@ IN HTTPS 1 . alpn=h2\nwww IN A 198.51.100.999\nodd IN TYPE65280 \\# 1 0a";
    expect((await previewZoneImport(t.owner, { zoneId, text })).notes).toMatchObject([
      { line: 2, what: "left-out", sentence: expect.stringContaining("no IPv4 address") },
    ]);
    await importZone(t.owner, { zoneId, text, isLossAccepted: true });
    expect((await own(zoneId)).map(({ type, value }) => `${type} ${value}`).sort()).toEqual([
      "HTTPS 1 . alpn=h2",
      "TYPE65280 \\# 1 0a",
    ]);
    expect((await primaryZone()).records).toContainEqual(expect.objectContaining({ type: "HTTPS" }));
  });
});
