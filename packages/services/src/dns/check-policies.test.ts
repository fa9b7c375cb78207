import { type PlannedRecord, planRecords, type RecordPurpose } from "@mailstead/core/dns";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkRecords } from "./check-records.ts";
import { TestNameServer } from "./name-server.fixture.ts";

const resolverServer = new TestNameServer("127.0.0.1");
const registry = new TestNameServer("127.0.0.2", ["example"]);
const ns1 = new TestNameServer("127.0.0.3", ["a.example"]);
const all = [resolverServer, registry, ns1];
let port = 0;

beforeAll(async () => {
  port = await resolverServer.start();
  for (const server of all.slice(1)) await server.start(port);
});
afterAll(() => {
  for (const server of all) server.stop();
});

const planned = planRecords({
  domain: "a.example",
  servers: [
    {
      hostname: "mail.a.example",
      ipAddresses: ["198.51.100.11", "2001:db8:51::b"],
      serves: { web: true, calendars: true },
      tlsKeyDigests: ["ab".repeat(32), "cd".repeat(32)],
      isZoneSigned: true,
      sshHostKeys: [{ algorithm: "ed25519", sha256: "ef".repeat(32) }],
      certificateAuthority: { issuer: "letsencrypt.org", validationMethods: ["http-01"] },
    },
    { hostname: "backup.a.example", ipAddresses: ["198.51.100.12"], role: "backup-mx" },
    { hostname: "out.a.example", ipAddresses: ["198.51.100.13"], role: "outbound" },
  ],
  dkimKeys: [{ domain: "a.example", selector: "s1", algorithm: "rsa-2048", publicKey: "A".repeat(392) }],
  mtaSts: { mode: "enforce", maxAgeSeconds: 86_400 },
  tlsReportsTo: ["tls@a.example"],
  dmarc: { policy: "reject", reportsTo: ["d@reports.b.example"] },
  bimi: { logoUrl: "https://a.example/logo.svg" },
  namesWithoutMail: ["www.a.example"],
}).filter(({ publishedAt }) => publishedAt !== "address-provider");

const consent = "a.example._report._dmarc.reports.b.example TXT v=DMARC1;";
const around = ["a.example SOA 7", "a.example NS ns1.a.example", "ns1.a.example A 127.0.0.3"];

/** The zone as it is planned, without what `changed` names anew ("name TYPE" stands for the set). */
function zoneWith(...changed: string[]): string[] {
  const setOf = (line: string) => line.split(" ").slice(0, 2).join(" ");
  const sets = new Set(changed.map(setOf));
  const right = [...around, ...planned.map(({ name, type, value }) => `${name} ${type} ${value}`)];
  return [
    ...right.filter((line) => !sets.has(setOf(line))),
    ...changed.filter((line) => setOf(line) !== line),
  ];
}

beforeEach(() => {
  resolverServer.publish(
    "example NS ns.example",
    "ns.example A 127.0.0.2",
    "a.example NS ns1.a.example",
    "ns1.a.example A 127.0.0.3",
    consent,
  );
  registry.publish("example SOA 1", "example NS ns.example", "a.example NS ns1.a.example");
});

async function check(...changed: string[]) {
  ns1.publish(...zoneWith(...changed));
  const report = await checkRecords(planned, { address: "127.0.0.1", port, authorityPort: port });
  if (report.kind !== "checked") throw new Error("the resolver is silent");
  const of = (purpose: RecordPurpose, is: (record: PlannedRecord) => boolean = () => true) =>
    report.records.find(({ record }) => record.purpose === purpose && is(record))?.verdict;
  return { report, of };
}

describe("checking a domain with every kind of record", () => {
  it("all are right once all are published as planned", async () => {
    const { report } = await check();
    const wrong = report.records.filter(({ verdict }) => verdict.kind !== "ok");
    expect(wrong.map(({ record, verdict }) => `${record.name} ${record.type}: ${verdict.sentence}`)).toEqual(
      [],
    );
  });

  it("a name that leads to the host by its addresses is right, and by others is not", async () => {
    const isAutoconfig = ({ name }: PlannedRecord) => name === "autoconfig.a.example";
    const direct = await check(
      "autoconfig.a.example CNAME",
      "autoconfig.a.example A 198.51.100.11",
      "autoconfig.a.example AAAA 2001:db8:51::b",
    );
    expect(direct.of("web-name", isAutoconfig)?.kind).toBe("ok");
    const wrong = await check("autoconfig.a.example CNAME", "autoconfig.a.example A 192.0.2.9");
    expect(wrong.of("web-name", isAutoconfig)).toMatchObject({
      kind: "different",
      sentence: expect.stringContaining("192.0.2.9"),
    });
  });

  it("a CAA record above the host that forbids its authority is found", async () => {
    const { of } = await check("mail.a.example CAA", 'a.example CAA 0 issue "ca.example"');
    expect(of("caa")).toMatchObject({ kind: "different", sentence: expect.stringContaining("ca.example") });
  });

  it("an old TLSA record beside the host's own two is told", async () => {
    const [first, second] = planned.filter(({ name }) => name === "_25._tcp.mail.a.example");
    const { of } = await check(
      `${first?.name} TLSA ${first?.value}`,
      `${first?.name} TLSA ${second?.value}`,
      `${first?.name} TLSA 3 1 1 ${"99".repeat(32)}`,
    );
    expect(of("tlsa")).toMatchObject({ kind: "attention", sentence: expect.stringContaining("999999") });
  });

  it("who gets reports without having agreed is told, with the record that they would publish", async () => {
    resolverServer.publish(
      "example NS ns.example",
      "ns.example A 127.0.0.2",
      "a.example NS ns1.a.example",
      "ns1.a.example A 127.0.0.3",
    );
    expect((await check()).of("dmarc")).toMatchObject({
      kind: "attention",
      evidence: ['a.example._report._dmarc.reports.b.example. IN TXT "v=DMARC1;"'],
    });
  });

  it("a logo is not called right under a DMARC policy that only watches", async () => {
    const { of } = await check("_dmarc.a.example TXT v=DMARC1; p=none");
    expect(of("bimi")?.kind).toBe("attention");
  });

  it("a backup that is asked first is wrong", async () => {
    const { of } = await check("a.example MX 10 backup.a.example", "a.example MX 20 mail.a.example");
    expect(of("backup-mx")).toMatchObject({ kind: "different" });
    expect(of("mx")?.kind).toBe("ok");
  });

  it("a planned SPF record that would cost too much is told while it is not published yet", async () => {
    const names = Array.from({ length: 3 }, (_, index) => `gone${index}.a.example`);
    const record = planned.find(({ purpose }) => purpose === "spf");
    if (record === undefined) throw new Error("no SPF record is planned");
    const costly = { ...record, value: `v=spf1 ${names.map((name) => `a:${name}`).join(" ")} -all` };
    ns1.publish(...zoneWith("a.example TXT"));
    const report = await checkRecords([costly], { address: "127.0.0.1", port, authorityPort: port });
    expect(report).toMatchObject({
      records: [{ verdict: { kind: "missing", caution: expect.stringContaining("lead nowhere") } }],
    });
  });
});
