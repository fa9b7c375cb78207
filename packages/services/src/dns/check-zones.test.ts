import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkRecords } from "./check-records.ts";
import {
  check,
  checkNow,
  mendServers,
  nameServers,
  ns1,
  ns2,
  planned,
  registry,
  resolver,
  resolverServer,
  startServers,
  stopServers,
  zoneWith,
} from "./checked-domain.fixture.ts";

beforeAll(startServers);
afterAll(stopServers);
beforeEach(mendServers);

import { DnsMemory } from "./dns-memory.ts";
import { signZone } from "./signed-zone.fixture.ts";

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

  it("none at all is one finding that says so, and what the register said of the domain is told with it", async () => {
    resolverServer.publish("example NS ns.example", "ns.example A 127.0.0.2");
    registry.publish("example SOA 1", "example NS ns.example");
    const known = {
      kind: "domain-on-hold",
      about: "a.example",
      severity: "error",
      sentence: "The register does not publish a.example: client hold.",
      evidence: [],
      why: "Nobody finds it.",
      fix: "Ask the registrar.",
    } as const;
    const policy = { domain: "a.example", before: null };
    const report = await checkRecords(planned, resolver(), { policy, known: [known] });
    const zones = report.kind === "checked" ? report.zones : [];
    expect(zones).toMatchObject([{ zone: "a.example" }]);
    expect(zones?.[0]?.findings.filter(({ severity }) => severity === "error")).toMatchObject([
      { kind: "not-delegated", about: "a.example", evidence: ["example: no NS for a.example"] },
      known,
    ]);
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

  it("name servers without IPv6 are advice, whatever ways this machine has, and one that nobody knows of is none", async () => {
    const { report } = await check();
    expect(report.zones?.flatMap(({ findings }) => findings)).toMatchObject([
      {
        kind: "no-ipv6",
        severity: "instruction",
        evidence: ["ns1.b.example AAAA: none", "ns2.b.example AAAA: none"],
      },
    ]);
    const known = [
      "example NS ns.example",
      ...nameServers,
      "ns.example A 127.0.0.2",
      "ns1.b.example A 127.0.0.3",
      "ns2.b.example A 127.0.1.4",
    ];
    // The same servers by the other family, where this machine has any way to it.
    const mapped = ["ns1.b.example AAAA ::ffff:127.0.0.3", "ns2.b.example AAAA ::ffff:127.0.1.4"];
    resolverServer.publish(...known, ...mapped);
    expect((await checkNow()).report.zones?.flatMap(({ findings }) => findings)).toEqual([]);
    resolverServer.publish(...known);
    resolverServer.silentFor = "ns1.b.example";
    registry.glue = ["ns1.b.example A 127.0.0.3"];
    expect((await checkNow()).report.zones).toMatchObject([{ findings: [], unasked: ["no-ipv6 a.example"] }]);
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
    expect(second).toMatchObject({
      kind: "checked",
      zones: [{ zone: "a.example", findings: [{ kind: "no-ipv6" }] }],
    });
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
    const forged = lines.map((line) =>
      line.replace(
        /(RRSIG DNSKEY.*)(..)==$/,
        (_all, start, end) => `${start}${end === "AA" ? "AQ" : "AA"}==`,
      ),
    );
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
