import { planRecords } from "@mailstead/core/dns";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { askAuthorities } from "./ask-authorities.ts";
import { checkRecords } from "./check-records.ts";
import {
  check,
  mendServers,
  ns1,
  ns2,
  other,
  planned,
  port,
  resolver,
  resolverServer,
  startServers,
  stopServers,
  zoneWith,
} from "./checked-domain.fixture.ts";

beforeAll(startServers);
afterAll(stopServers);
beforeEach(mendServers);

import { queryNameServer } from "./query-name-server.ts";

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

  it.each([2, 5])("so is a resolver that answers every question with the error code %i", async (rcode) => {
    resolverServer.rcode = rcode;
    expect(await checkRecords(planned, resolver())).toMatchObject({
      kind: "resolver-silent",
      sentence: expect.stringContaining("fails for every name, even for the root"),
    });
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
