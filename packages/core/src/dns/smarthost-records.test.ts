import { describe, expect, test } from "vitest";
import { domainNameSchema, hostNameSchema } from "../domains/index.ts";
import { hostedAddressSchema } from "../mailboxes/index.ts";
import { judgeRecord } from "./judge-record.ts";
import { planRecords } from "./plan-records.ts";
import type { PlannedServer, RecordPlanInput } from "./record-plan-input.ts";

const through = (host: string) => ({
  host: hostNameSchema.parse(host),
  port: 587,
  verifiesCertificate: true,
});
const domain = "alpha.example";
const postmark = through("smtp.postmarkapp.com");
const ses = through("email-smtp.eu-west-1.amazonaws.com");
const other = through("relay.msp.example");

function plan(server: Partial<PlannedServer>, input: Partial<RecordPlanInput> = {}) {
  const host = { hostname: "mx1.alpha.example", ipAddresses: ["198.51.100.11"], ...server };
  return planRecords({ domain, servers: [host], dkimKeys: [], ...input });
}
const spfOf = (...args: Parameters<typeof plan>) => {
  const record = plan(...args).find(({ purpose }) => purpose === "spf");
  if (record === undefined) throw new Error("no SPF record is planned");
  return record;
};
const all = { sendersOf: "*" as const, smarthost: ses };
const standby = { to: "standby" as const, smarthost: postmark };

describe("the planned SPF record lets in the services through which the domain's mail may leave", () => {
  test.each<[string, Partial<PlannedServer>, string]>([
    ["none", {}, "v=spf1 mx -all"],
    ["one for all senders", { relays: [all] }, "v=spf1 mx include:amazonses.com -all"],
    ["one that stands by", { destinationRelays: [standby] }, "v=spf1 mx include:spf.mtasv.net -all"],
    [
      "both, and each once",
      { relays: [all], destinationRelays: [standby, { to: "provider:gmail", smarthost: ses }] },
      "v=spf1 mx include:amazonses.com include:spf.mtasv.net -all",
    ],
    [
      "one for all but this domain",
      { relays: [all, { sendersOf: domainNameSchema.parse(domain), smarthost: null }] },
      "v=spf1 mx -all",
    ],
    [
      "one for another domain",
      { relays: [{ sendersOf: domainNameSchema.parse("beta.example"), smarthost: ses }] },
      "v=spf1 mx -all",
    ],
    [
      "one for a single mailbox",
      { relays: [{ sendersOf: hostedAddressSchema.parse("ann@alpha.example"), smarthost: ses }] },
      "v=spf1 mx include:amazonses.com -all",
    ],
    ["one whose addresses nobody knows", { relays: [{ ...all, smarthost: other }] }, "v=spf1 mx -all"],
  ])("%s", (_what, server, value) => {
    expect(spfOf(server).value).toBe(value);
  });

  test("a service that somebody entered as a sender as well is named once", () => {
    expect(spfOf({ relays: [all] }, { spf: { includes: ["amazonses.com"] } }).value).toBe(
      "v=spf1 mx include:amazonses.com -all",
    );
  });
});

describe("a published SPF record", () => {
  const judge = (value: string, server: Partial<PlannedServer>) => {
    const relayed = { record: value, evaluations: [], isRelayed: true };
    const answers = [
      { nameServer: "ns1.example", address: "192.0.2.53", kind: "answered", values: [value] },
    ] as const;
    return judgeRecord(spfOf(server), answers, { spf: [relayed] });
  };

  test("without the service's include is different, and the ready value keeps what stands there", () => {
    expect(judge("v=spf1 mx include:_spf.google.com ~all", { relays: [all] })).toMatchObject({
      kind: "different",
      sentence: expect.stringContaining("through a smarthost does not pass SPF"),
      readyValue: "v=spf1 include:amazonses.com mx include:_spf.google.com ~all",
    });
  });

  test("with it is right where every smarthost is a known service, and unknown where one is not", () => {
    const value = "v=spf1 mx include:amazonses.com -all";
    expect(judge(value, { relays: [all] }).kind).toBe("ok");
    const mixed = { relays: [all], destinationRelays: [{ ...standby, smarthost: other }] };
    expect(judge(value, mixed).kind).toBe("unanswered");
  });
});

describe("a record that a service wants", () => {
  const records = [
    { name: "t1._domainkey", type: "CNAME", value: "t1.dkim.amazonses.com" },
    { name: "pm._domainkey", type: "TXT", value: "k=rsa; p=MIGfMA0" },
    { name: "bounce", type: "MX", value: "10 feedback-smtp.eu-west-1.amazonses.com" },
  ] as const;
  const planned = plan({}, { smarthostRecords: records }).filter(({ purpose }) => purpose === "smarthost");
  const judge = (index: number, ...values: string[]) => {
    const record = planned[index];
    if (record === undefined) throw new Error("no such record");
    return judgeRecord(record, [
      { nameServer: "ns1.example", address: "192.0.2.53", kind: "answered", values },
    ]);
  };

  test("is planned below the domain, to be published with the others", () => {
    expect(planned.map(({ name, type, publishedAt }) => `${name} ${type} ${publishedAt}`)).toEqual([
      "t1._domainkey.alpha.example CNAME domain-dns",
      "pm._domainkey.alpha.example TXT domain-dns",
      "bounce.alpha.example MX domain-dns",
    ]);
  });

  test("is right however it is written, missing, or different with both values", () => {
    expect(judge(0, "T1.dkim.amazonses.com.").kind).toBe("ok");
    expect(judge(1, "k=rsa;p=MIGfMA0").kind).toBe("ok");
    expect(judge(2, "10 feedback-smtp.eu-west-1.amazonses.com.").kind).toBe("ok");
    expect(judge(0).kind).toBe("missing");
    expect(judge(1, "k=rsa; p=other")).toMatchObject({
      kind: "different",
      sentence: expect.stringContaining("the service wants k=rsa; p=MIGfMA0"),
    });
  });
});
