import { planRecords } from "@mailstead/core/dns";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { askAuthorities } from "./ask-authorities.ts";
import { checkRecords } from "./check-records.ts";
import { DnsMemory } from "./dns-memory.ts";
import { TestNameServer } from "./name-server.fixture.ts";
import { queryNameServer } from "./query-name-server.ts";
import { signZone } from "./signed-zone.fixture.ts";

const resolverServer = new TestNameServer("127.0.0.1");
/** The registry of "example", the two servers of a.example, and those of another provider's zone. */
const registry = new TestNameServer("127.0.0.2", ["example"]);
const ns1 = new TestNameServer("127.0.0.3", ["a.example"]);
const ns2 = new TestNameServer("127.0.1.4", ["a.example"]);
const other = new TestNameServer("127.0.0.5", ["other.example"]);
const all = [resolverServer, registry, ns1, ns2, other];
let port = 0;

beforeAll(async () => {
  port = await resolverServer.start();
  for (const server of all.slice(1)) await server.start(port);
});
afterAll(() => {
  for (const server of all) server.stop();
});

const key = {
  domain: "a.example",
  selector: "s1",
  algorithm: "rsa-2048",
  publicKey: "A".repeat(392),
} as const;
const planned = planRecords({
  domain: "a.example",
  servers: [{ hostname: "mail.a.example", ipAddresses: ["198.51.100.11", "2001:db8:51::b"] }],
  dkimKeys: [key],
}).filter(({ publishedAt }) => publishedAt !== "address-provider");
const nameServers = ["a.example NS ns1.b.example", "a.example NS ns2.b.example"];

/** The zone as it ought to be, without what `changed` names anew ("name TYPE" stands for the set). */
function zoneWith(...changed: string[]): string[] {
  const right = [
    "a.example SOA 7",
    ...nameServers,
    ...planned.map((record) => `${record.name} ${record.type} ${record.value}`),
  ];
  const setOf = (line: string) => line.split(" ").slice(0, 2).join(" ");
  const sets = new Set(changed.map(setOf));
  return [
    ...right.filter((line) => !sets.has(setOf(line))),
    ...changed.filter((line) => setOf(line) !== line),
  ];
}

beforeEach(() => {
  for (const server of all) {
    server.rcode = 0;
    server.isSilent = false;
    server.silentFor = null;
    server.bogusFor = null;
    server.isWithoutTcp = false;
    server.glue = [];
    server.asked.length = 0;
  }
  ns1.zones = ns2.zones = ["a.example"];
  resolverServer.publish(
    "example NS ns.example",
    ...nameServers,
    "other.example NS ns.other.example",
    "ns.example A 127.0.0.2",
    "ns1.b.example A 127.0.0.3",
    "ns2.b.example A 127.0.1.4",
    "ns.other.example A 127.0.0.5",
    "_spf.google.com TXT v=spf1 ip4:35.190.247.0/24 ~all",
  );
  registry.publish(
    "example SOA 1",
    "example NS ns.example",
    ...nameServers,
    "other.example NS ns.other.example",
  );
  ns1.publish(...zoneWith());
  ns2.publish(...zoneWith());
  other.publish("other.example SOA 1", "other.example NS ns.other.example");
});

const resolver = () => ({ address: "127.0.0.1", port, authorityPort: port });

/** The check of the domain, with its verdicts by purpose. */
async function check(zone: string[] = zoneWith()) {
  ns1.publish(...zone);
  ns2.publish(...zone);
  return checkNow();
}

async function checkNow() {
  const report = await checkRecords(planned, resolver());
  if (report.kind !== "checked") throw new Error(report.sentence);
  const verdictOf = (purpose: string) =>
    report.records.find(({ record }) => record.purpose === purpose)?.verdict;
  const findings = report.zones?.flatMap((one) => one.findings) ?? [];
  return { report, verdictOf, findings };
}

describe("asking an authoritative server", () => {
  const authority = () => ({ name: "ns1.example", address: "127.0.0.3", port });

  it("joins the strings of a TXT record, also where one ends in the middle of a letter", async () => {
    ns1.publish(`long.a.example TXT ${"a".repeat(300)}`);
    const [answer] = await askAuthorities([authority()], { name: "long.a.example", type: "TXT" });
    expect(answer).toMatchObject({ kind: "answered", values: ["a".repeat(300)] });
  });

  it("asks again over TCP when the answer was cut off", async () => {
    ns1.publish(...Array.from({ length: 20 }, (_, index) => `a.example TXT ${index} ${"b".repeat(200)}`));
    const reply = await queryNameServer(authority(), { name: "a.example", type: "TXT" });
    expect(reply.answers).toHaveLength(20);
  });

  it("a refusing server is a failed answer that names it, and counts as lame", async () => {
    ns1.rcode = 5;
    const [answer] = await askAuthorities([authority()], { name: "a.example", type: "TXT" });
    expect(answer).toMatchObject({ kind: "failed", problem: "ns1.example answered REFUSED", isLame: true });
  });

  it("an address that this machine may not send to is a failed answer, and ends nothing", async () => {
    const broadcast = { ...authority(), address: "255.255.255.255" };
    const [answer] = await askAuthorities([broadcast], { name: "a.example", type: "TXT" });
    expect(answer).toMatchObject({ kind: "failed", problem: expect.stringContaining("cannot be reached") });
  });

  it("a server that only refers elsewhere has not said that the record is missing", async () => {
    const [answer] = await askAuthorities([{ ...authority(), address: "127.0.0.2" }], {
      name: "a.example",
      type: "TXT",
    });
    expect(answer).toMatchObject({ kind: "failed", isLame: true });
  });
});

describe("checking a domain", () => {
  it("everything is right when every server shows every record", async () => {
    const { report, findings } = await check();
    expect(report.records.map(({ verdict }) => verdict.kind)).toEqual(planned.map(() => "ok"));
    expect(findings).toEqual([]);
  });

  it("a silent resolver is one finding and not one per record", async () => {
    resolverServer.isSilent = true;
    expect((await checkRecords(planned, resolver())).kind).toBe("resolver-silent");
  });

  it.each([
    ["a.example TXT v=spf1 include:_spf.google.com ~all", "198.51.100.11 does not pass SPF"],
    ["a.example TXT v=spf1 ip4:192.0.2.1 -all", "198.51.100.11 does not pass SPF"],
    ["a.example TXT v=spf1 ip4:198.51.100.11 -all", "2001:db8:51::b does not pass SPF"],
    ["a.example TXT v=spf1 include:nothing.example mx -all", "nothing.example has no SPF record to include"],
  ])("%s is evaluated for each address: %s", async (line, sentence) => {
    const verdict = (await check(zoneWith(line))).verdictOf("spf");
    expect(verdict).toMatchObject({ kind: "different", sentence: expect.stringContaining(sentence) });
  });

  it("an include that cannot be asked about makes SPF unknown and not wrong", async () => {
    const broken = "sub.a.example NS ns.gone.example";
    const { verdictOf } = await check(zoneWith("a.example TXT v=spf1 include:sub.a.example mx -all", broken));
    expect(verdictOf("spf")?.kind).toBe("unanswered");
  });

  it("an MX host that is only an alias is named, and its target is still compared", async () => {
    other.publish("vps.other.example A 198.51.100.11", "vps.other.example AAAA 2001:db8:51::b");
    const { verdictOf } = await check(
      zoneWith(
        "mail.a.example A",
        "mail.a.example AAAA",
        "mail.a.example TXT",
        "mail.a.example CNAME vps.other.example",
      ),
    );
    expect(verdictOf("mx")).toMatchObject({
      kind: "different",
      sentence: expect.stringContaining("vps.other.example"),
    });
    expect(verdictOf("host-address")?.kind).toBe("ok");
  });

  it("a DKIM name that is an alias is followed to every server of its target", async () => {
    const value = planned.find(({ purpose }) => purpose === "dkim")?.value;
    other.publish(`key.other.example TXT ${value}`);
    const zone = zoneWith("s1._domainkey.a.example TXT", "s1._domainkey.a.example CNAME key.other.example");
    const { verdictOf } = await check(zone);
    expect(verdictOf("dkim")).toMatchObject({ kind: "ok" });
    expect(verdictOf("dkim")?.answers.map((answer) => answer.kind)).toEqual(["alias", "alias", "answered"]);
    other.rcode = 2;
    expect((await check(zone)).verdictOf("dkim")?.kind).toBe("unanswered");
  });

  it.each(["hello", "v=DMARC1; p=reject", "v=spf1 -all"])("a wildcard's %j is no key", async (text) => {
    const zone = zoneWith("s1._domainkey.a.example TXT", `*._domainkey.a.example TXT ${text}`);
    const { verdictOf } = await check(zone);
    expect(verdictOf("dkim")).toMatchObject({
      kind: "different",
      sentence: expect.stringContaining("holds no key"),
    });
  });

  it("a DMARC record of the organisation counts for a domain below it", async () => {
    const records = planRecords({ domain: "sub.a.example", servers: [], dkimKeys: [] });
    ns1.publish(...zoneWith("_dmarc.a.example TXT v=DMARC1; p=reject"));
    ns2.publish(...zoneWith("_dmarc.a.example TXT v=DMARC1; p=reject"));
    const report = await checkRecords(records, resolver());
    const dmarc =
      report.kind === "checked" && report.records.find(({ record }) => record.purpose === "dmarc");
    expect(dmarc).toMatchObject({
      verdict: { kind: "ok", sentence: expect.stringContaining("_dmarc.a.example") },
    });
  });
});

describe("the name servers of a domain's zone are tested", () => {
  it("one that does not answer for the zone is lame, and takes nothing from the others", async () => {
    ns2.zones = ["unrelated.example"];
    const { findings, verdictOf } = await check();
    expect(findings).toMatchObject([
      {
        kind: "lame",
        severity: "warning",
        evidence: ["ns2.b.example (127.0.1.4): it answered REFUSED"],
      },
    ]);
    expect(verdictOf("dkim")).toMatchObject({ kind: "ok" });
  });

  it("one that is silent is a finding", async () => {
    ns2.isSilent = true;
    expect((await check()).findings).toMatchObject([{ kind: "silent" }]);
  });

  it("one that takes no question over TCP is a finding", async () => {
    ns2.isWithoutTcp = true;
    expect((await check()).findings).toMatchObject([
      { kind: "no-tcp", evidence: [expect.stringContaining("ns2.b.example (127.0.1.4)")] },
    ]);
  });

  it("glue that is missing above, or leads elsewhere, is a finding with the addresses to register", async () => {
    const within = ["a.example NS ns1.a.example", "a.example NS ns2.b.example"];
    registry.publish("example SOA 1", "example NS ns.example", ...within);
    resolverServer.publish(
      "example NS ns.example",
      ...within,
      "ns.example A 127.0.0.2",
      "ns1.a.example A 127.0.0.3",
      "ns2.b.example A 127.0.1.4",
    );
    const zone = zoneWith(...within, "ns1.a.example A 127.0.0.3");
    expect((await check(zone)).findings).toMatchObject([
      { kind: "glue-missing", severity: "error", record: "ns1.a.example. IN A 127.0.0.3" },
    ]);
    registry.glue = ["ns1.a.example A 127.0.0.9"];
    expect((await check(zone)).findings).toContainEqual(
      expect.objectContaining({ kind: "glue-differs", record: "ns1.a.example. IN A 127.0.0.3" }),
    );
    registry.glue = ["ns1.a.example A 127.0.0.3"];
    expect((await check(zone)).findings).toEqual([]);
  });

  it("a name server that is an alias is a finding", async () => {
    resolverServer.publish(
      "example NS ns.example",
      ...nameServers,
      "ns.example A 127.0.0.2",
      "ns1.b.example CNAME vps.b.example",
      "vps.b.example A 127.0.0.3",
      "ns2.b.example A 127.0.1.4",
    );
    expect((await check()).findings).toMatchObject([
      { kind: "name-server-alias", evidence: ["ns1.b.example CNAME vps.b.example"] },
    ]);
  });

  it("a wildcard zone is a finding for each type that mail meets", async () => {
    const { findings } = await check(zoneWith("*.a.example TXT hello", "*.a.example MX 10 mail.a.example"));
    expect(findings.map(({ kind, sentence }) => `${kind}: ${sentence}`)).toEqual([
      "wildcard: *.a.example answers for every name that nobody published, with TXT records.",
      "wildcard: *.a.example answers for every name that nobody published, with MX records.",
    ]);
  });

  it("different versions of the zone are a finding", async () => {
    ns1.publish(...zoneWith());
    ns2.publish(...zoneWith("a.example SOA 6"));
    expect((await checkNow()).findings).toMatchObject([
      {
        kind: "serials-differ",
        evidence: ["ns1.b.example (127.0.0.3): version 7", "ns2.b.example (127.0.1.4): version 6"],
      },
    ]);
  });

  it("the zone above is asked, so that what the resolver remembers does not hide another delegation", async () => {
    registry.publish("example SOA 1", "example NS ns.example", "a.example NS ns1.b.example");
    expect((await check()).findings).toMatchObject([
      {
        kind: "delegation-differs",
        sentence: expect.stringContaining("only in the zone: ns2.b.example"),
        evidence: [
          "ns.example: ns1.b.example",
          "ns1.b.example (127.0.0.3): ns1.b.example, ns2.b.example",
          "ns2.b.example (127.0.1.4): ns1.b.example, ns2.b.example",
        ],
      },
    ]);
  });

  it("a domain whose delegation leads to nobody who knows it is in trouble, and no record is called missing", async () => {
    ns1.zones = ns2.zones = ["unrelated.example"];
    const { findings, report } = await check();
    expect(findings).toMatchObject([{ kind: "lame", severity: "error" }]);
    expect(new Set(report.records.map(({ verdict }) => verdict.kind))).toEqual(new Set(["unanswered"]));
  });

  it("a domain that the resolver gives up on is found from above, and is no trouble of the resolver", async () => {
    resolverServer.publish(
      "example NS ns.example",
      "ns.example A 127.0.0.2",
      "ns1.b.example A 127.0.0.3",
      "ns2.b.example A 127.0.1.4",
    );
    resolverServer.silentFor = "a.example";
    ns1.zones = ns2.zones = ["unrelated.example"];
    const { findings, report } = await check();
    expect(findings).toMatchObject([{ kind: "lame", severity: "error" }]);
    expect(new Set(report.records.map(({ verdict }) => verdict.kind))).toEqual(new Set(["unanswered"]));
  });

  it("checks that share what they hear ask it once, and one that does not asks anew", async () => {
    const shared = { ...resolver(), memory: new DnsMemory() };
    await checkRecords(planned, shared);
    const asked = ns1.asked.length;
    const second = await checkRecords(planned, shared);
    expect(ns1.asked.length).toBe(asked);
    expect(second).toMatchObject({ kind: "checked", zones: [{ zone: "a.example", findings: [] }] });
    await checkRecords(planned, resolver());
    expect(ns1.asked.length).toBe(2 * asked);
  });

  it("the zone above and each name server are asked few questions", async () => {
    await check();
    expect(registry.asked.sort()).toEqual(["a.example DS", "a.example NS"]);
    // The version over UDP and TCP, the name servers, the keys, and what wildcards would answer.
    expect(ns1.asked.length).toBeLessThanOrEqual(planned.length + 12);
    expect(ns1.asked.filter((one) => one === "a.example SOA")).toHaveLength(2);
    const once = ns1.asked.filter((one) => one !== "a.example SOA");
    expect(new Set(once).size).toBe(once.length);
  });
});

describe("the signatures of a domain's zone are tested", () => {
  const now = new Date();
  const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000);
  const signed = (expiration = inDays(14)) =>
    signZone("a.example", { serial: 7, inception: inDays(-7), expiration });
  const announce = (...lines: string[]) =>
    registry.publish("example SOA 1", "example NS ns.example", ...nameServers, ...lines);

  it("a signed zone that is announced above is secure", async () => {
    const { lines, signer } = signed();
    announce(signer);
    const { report, findings } = await check(zoneWith(...lines));
    expect(findings).toEqual([]);
    expect(report.zones).toMatchObject([{ zone: "a.example", dnssec: { kind: "secure" } }]);
  });

  it("a signed zone that is not announced comes with the DS record to give to the registrar", async () => {
    const { lines, signer } = signed();
    const { findings, report } = await check(zoneWith(...lines));
    expect(report.zones).toMatchObject([{ dnssec: { kind: "none" } }]);
    expect(findings).toMatchObject([
      {
        kind: "ds-missing",
        severity: "instruction",
        record: signer.replace("a.example DS", "a.example. IN DS"),
      },
    ]);
  });

  it("a DS record of another key is an error that shows both", async () => {
    const { lines, keyTag } = signed();
    const old = signed();
    announce(old.signer);
    const { findings, report } = await check(zoneWith(...lines));
    expect(report.zones).toMatchObject([{ dnssec: { kind: "bogus" } }]);
    expect(findings).toMatchObject([{ kind: "ds-mismatch", severity: "error" }]);
    expect(findings[0]?.evidence.join()).toContain(`DS ${old.keyTag} `);
    expect(findings[0]?.evidence.join()).toContain(`DNSKEY ${keyTag},`);
  });

  it("signatures that have expired are an error, before a receiver says so", async () => {
    const { lines, signer } = signed(inDays(-1));
    announce(signer);
    expect((await check(zoneWith(...lines))).findings).toMatchObject([
      { kind: "dnssec-bogus", severity: "error", sentence: "The signatures of a.example have expired." },
    ]);
  });

  it("a signature that its key did not make is an error", async () => {
    const { lines, signer } = signed();
    announce(signer);
    const forged = lines.map((line) => line.replace(/RRSIG DNSKEY(.*)..==$/, "RRSIG DNSKEY$1AA=="));
    expect((await check(zoneWith(...forged))).findings).toMatchObject([
      { kind: "dnssec-bogus", severity: "error" },
    ]);
  });

  it("what a validating resolver refuses and gives unchecked is bogus, and the records are still judged", async () => {
    const { lines, signer } = signed();
    announce(signer);
    resolverServer.publish(
      "example NS ns.example",
      ...nameServers,
      "a.example SOA 7",
      "ns.example A 127.0.0.2",
      "ns1.b.example A 127.0.0.3",
      "ns2.b.example A 127.0.1.4",
    );
    resolverServer.bogusFor = "a.example";
    const { findings, report, verdictOf } = await check(zoneWith(...lines));
    expect(report.zones).toMatchObject([{ dnssec: { kind: "bogus" } }]);
    expect(findings).toMatchObject([
      { kind: "dnssec-bogus", sentence: expect.stringContaining("as forged") },
    ]);
    expect(verdictOf("dkim")).toMatchObject({ kind: "ok" });
  });
});
