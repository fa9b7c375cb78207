import { generateKeyPairSync, randomBytes } from "node:crypto";
import { join } from "node:path";
import type { PlannedRecord } from "@mailstead/core/dns";
import type { ProviderSettings } from "@mailstead/core/publishing";
import { makeDomain, makeOrganisation, makeTenant } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import type { Installation, ServiceContext, SystemContext } from "@mailstead/services/context";
import { openProvider, type RecordPublisher } from "@mailstead/services/dns";
import {
  connectDns,
  openRecordPublisher,
  type PublishingWorker,
  tryConnection,
} from "@mailstead/services/publishing";
import { makeSecretOpener, storeSealingKey } from "@mailstead/services/secrets";
import { afterAll, beforeAll, expect, it } from "vitest";
import { authorityAddress } from "../lab/addresses.ts";
import { describeLab } from "../lab/describe-lab.ts";
import { apiKey } from "../lab/dns-client.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { openPortDoor, type Relay } from "../lab/relays.ts";
import { knotAddress, startKnot, type TestKey } from "./knot.ts";

const zones = { api: "api.example", update: "update.example", knot: "knot.example" } as const;
const key = (name: string, algorithm: TestKey["algorithm"]): TestKey => ({
  name,
  algorithm,
  secret: randomBytes(32).toString("base64"),
});

describeLab("records are published into a real zone", () => {
  const updateKey = key("mailstead", "hmac-sha512");
  const readingKey = key("reader", "hmac-sha256");
  const doors: Relay[] = [];
  let lab: Lab;
  let database: TestDatabase;
  let worker: PublishingWorker;
  let publisher: RecordPublisher;
  let owner: ServiceContext;
  let ports: { api: number; powerDns: number; knot: number };
  let powerDnsSecret: string;
  let tenantId: string;
  const domainIds = new Map<string, string>();
  let clock = () => new Date();

  beforeAll(async () => {
    lab = await openLab({ hosts: [], zones: [zones.api, zones.update], receivers: false });
    powerDnsSecret = await lab.dns.addUpdateKey("mailstead", [zones.update]);
    await startKnot(lab, { zone: zones.knot, key: updateKey, readingKey });
    const door = async (address: string, port: number) => {
      const socketPath = join(lab.folder, `door-${randomBytes(4).toString("hex")}.sock`);
      const relay = await openPortDoor(lab.namespace, { socketPath, address, port });
      doors.push(relay);
      return relay.localPort;
    };
    ports = {
      api: await door(authorityAddress.ipv4, 8081),
      powerDns: await door(authorityAddress.ipv4, 53),
      knot: await door(knotAddress, 53),
    };
    database = await openTestDatabase();
    const { id: organisationId } = await makeOrganisation(database.admin);
    tenantId = (await makeTenant(database.admin, { organisationId })).id;
    for (const name of Object.values(zones))
      domainIds.set(name, (await makeDomain(database.admin, { organisationId, tenantId, name })).id);
    const { privateKey } = generateKeyPairSync("ed25519");
    const opener = makeSecretOpener(privateKey.export({ format: "pem", type: "pkcs8" }).toString());
    const installation: Installation = {
      publicUrl: "https://control.example",
      gatewayUrl: "wss://control.example/agent/link",
      signingPublicKey: "",
      masterKey: null,
      sendsMail: false,
      dnsResolver: undefined,
    };
    const shared = { now: () => new Date(), requestId: "test" };
    const system: SystemContext = {
      ...shared,
      actor: { kind: "system", name: "worker" },
      database: database.system,
    };
    await storeSealingKey(system, opener);
    worker = {
      system,
      app: database.app,
      installation,
      opener,
      openProvider: (settings) => openProvider(settings, { now: () => clock() }),
    };
    publisher = openRecordPublisher(worker);
    owner = {
      ...shared,
      organisationId,
      tenantId: null,
      installation,
      database: database.app,
      actor: { kind: "user", userId: organisationId, name: "Ann", role: "owner" },
    };
  });
  afterAll(async () => {
    await Promise.all(doors.map((one) => one.close()));
    await database?.close();
    await lab?.close();
  });

  const settingsOf: Record<keyof typeof zones, () => ProviderSettings> = {
    api: () => ({
      provider: "powerdns",
      url: `http://127.0.0.1:${ports.api}`,
      apiKey,
      serverId: "localhost",
    }),
    update: () => ({
      provider: "rfc2136",
      server: "127.0.0.1",
      port: ports.powerDns,
      keyName: "mailstead",
      algorithm: "hmac-sha256",
      secret: powerDnsSecret,
      zones: [zones.update],
    }),
    knot: () => ({
      provider: "rfc2136",
      server: "127.0.0.1",
      port: ports.knot,
      keyName: updateKey.name,
      algorithm: updateKey.algorithm,
      secret: updateKey.secret,
      zones: [zones.knot],
    }),
  };

  const record = (name: string, type: PlannedRecord["type"], value: string): PlannedRecord => ({
    purpose: "dkim",
    name,
    type,
    value,
    level: "required",
    reason: "",
    withoutIt: "",
    publishedAt: "domain-dns",
  });
  const longKey = `v=DKIM1; k=rsa; p=${"A".repeat(390)}`;
  const ask = async (server: string, name: string, type: string) => {
    const { stdout } = await lab.runTool(["dig", "+short", "+tcp", `@${server}`, name, type]);
    return stdout
      .trim()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (type === "TXT" ? line.replaceAll(/" "/g, "").replace(/^"(.*)"$/, "$1") : line))
      .sort();
  };
  const publish = (zone: string, put: PlannedRecord[], withdraw: PlannedRecord[] = []) =>
    publisher.publish({
      organisationId: owner.organisationId,
      domainId: domainIds.get(zone) ?? "",
      put,
      withdraw,
      reason: "test",
    });

  it("without a connection it is for a person to do", async () => {
    expect(await publish(zones.api, [record(zones.api, "TXT", "x")])).toEqual({ kind: "by-hand" });
  });

  it.each([
    ["PowerDNS by its API", "api", authorityAddress.ipv4],
    ["PowerDNS by dynamic update", "update", authorityAddress.ipv4],
    ["Knot by dynamic update", "knot", knotAddress],
  ] as const)("%s: what is ours comes and goes, what is not stays", async (label, kind, server) => {
    const zone = zones[kind];
    const { connectionId } = await connectDns(owner, { label, settings: settingsOf[kind]() });
    expect(await tryConnection(worker, connectionId)).toMatchObject({ kind: "working" });
    const provider = worker.openProvider(settingsOf[kind]());
    const id = kind === "api" ? `${zone}.` : zone;
    const foreign = (name: string, type: string, value: string) =>
      provider.writeSets({ name: zone, id }, [
        { name, type, ttlSeconds: 60, before: [], after: [value], added: [value], removed: [], replaced: [] },
      ]);
    await foreign(zone, "TXT", 'site="1"');
    await foreign(`old.${zone}`, "CNAME", "elsewhere.example");

    const put = [
      record(zone, "MX", `10 mail.${zone}`),
      record(zone, "TXT", "v=spf1 mx -all"),
      record(`s1._domainkey.${zone}`, "TXT", longKey),
      record(`mail.${zone}`, "AAAA", "2001:db8:51::99"),
    ];
    expect(await publish(zone, put)).toEqual({ kind: "published", changes: 4 });
    expect(await ask(server, zone, "TXT")).toEqual(['site=\\"1\\"', "v=spf1 mx -all"]);
    expect(await ask(server, zone, "MX")).toEqual([`10 mail.${zone}.`]);
    expect(await ask(server, `s1._domainkey.${zone}`, "TXT")).toEqual([longKey]);
    expect(await publish(zone, put)).toEqual({ kind: "published", changes: 0 });

    expect(await publish(zone, [record(`old.${zone}`, "TXT", "x")])).toEqual({
      kind: "refused",
      sentence: `old.${zone} is an alias (CNAME) of elsewhere.example, which leaves no room for a TXT record.`,
    });

    // A wildcard answers for every name below it, and stands at none of them.
    await foreign(`*.wild.${zone}`, "TXT", "for every name");
    const below = record(`s1._domainkey.wild.${zone}`, "TXT", longKey);
    expect(await publish(zone, [below])).toEqual({ kind: "published", changes: 1 });
    expect(await ask(server, below.name, "TXT")).toEqual([longKey]);
    expect(await ask(server, `other.wild.${zone}`, "TXT")).toEqual(["for every name"]);

    const withdrawn = [record(zone, "TXT", "v=spf1 mx -all"), record(zone, "TXT", 'site="1"')];
    expect(await publish(zone, [record(zone, "TXT", "v=spf1 a -all")], withdrawn)).toEqual({
      kind: "published",
      changes: 2,
    });
    expect(await ask(server, zone, "TXT")).toEqual(['site=\\"1\\"', "v=spf1 a -all"]);
    // Nobody else wrote meanwhile, and nobody is told of.
    const { rows } = await database.admin.pool.query(
      "select after from audit_entries where after::text like '%othersInTheSameMoment%'",
    );
    expect(rows).toEqual([]);
  });

  const problemOf = async (settings: ProviderSettings) => {
    const label = randomBytes(4).toString("hex");
    const { connectionId } = await connectDns(owner, { label, settings });
    const trial = await tryConnection(worker, connectionId);
    await database.admin.pool.query("delete from dns_connections where id = $1", [connectionId]);
    return trial.kind === "failing" ? trial.error.problem : trial.kind;
  };

  it("a key that is unknown, has another secret or may not update, and a zone that is not there are refused for good", async () => {
    for (const kind of ["knot", "update"] as const) {
      const right = settingsOf[kind]() as Extract<ProviderSettings, { provider: "rfc2136" }>;
      expect(await problemOf({ ...right, keyName: "nobody" })).toBe("bad-credentials");
      expect(await problemOf({ ...right, secret: randomBytes(32).toString("base64") })).toBe(
        "bad-credentials",
      );
      expect(["zone-not-found", "not-allowed"]).toContain(
        await problemOf({ ...right, zones: ["not-here.example"] }),
      );
    }
    const knot = settingsOf.knot() as Extract<ProviderSettings, { provider: "rfc2136" }>;
    expect(
      await problemOf({
        ...knot,
        keyName: readingKey.name,
        algorithm: readingKey.algorithm,
        secret: readingKey.secret,
      }),
    ).toBe("bad-credentials");
    const api = settingsOf.api() as Extract<ProviderSettings, { provider: "powerdns" }>;
    expect(await problemOf({ ...api, apiKey: "wrong" })).toBe("bad-credentials");
  });

  it("clocks that are apart are named as the reason, and nothing is written", async () => {
    clock = () => new Date(Date.now() - 3_600_000);
    const outcome = await publish(zones.knot, [record(`late.${zones.knot}`, "TXT", "x")]);
    clock = () => new Date();
    expect(outcome).toEqual({
      kind: "failed",
      sentence: expect.stringMatching(/clocks .* differ by 3[56]\d\d s \(BADTIME\)/),
    });
    expect(await ask(knotAddress, `late.${zones.knot}`, "TXT")).toEqual([]);
  });

  it("a zone that changed between reading and writing is not overwritten", async () => {
    const provider = worker.openProvider(settingsOf.knot());
    const zone = { name: zones.knot, id: zones.knot };
    const change = (before: string[], after: string[]) => ({
      name: `race.${zones.knot}`,
      type: "TXT",
      ttlSeconds: 60,
      before,
      after,
      added: [],
      removed: [],
      replaced: [],
    });
    await provider.writeSets(zone, [change([], ["a"])]);
    await expect(provider.writeSets(zone, [change([], ["b"])])).rejects.toMatchObject({
      problem: "changed-meanwhile",
    });
    expect(await ask(knotAddress, `race.${zones.knot}`, "TXT")).toEqual(["a"]);
  });
});
