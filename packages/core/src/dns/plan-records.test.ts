import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { domainNameSchema, hostNameSchema } from "../domains/index.ts";
import { planRecords } from "./plan-records.ts";
import { characterStrings, zoneFileLine } from "./record-text.ts";
import { expandIpv6, reverseName } from "./reverse-name.ts";

const smarthost = { host: hostNameSchema.parse("relay.example"), port: 587, verifiesCertificate: true };

describe("the record plan", () => {
  const records = planRecords({
    domain: "alpha.example",
    servers: [
      { hostname: "mx1.alpha.example", ipAddresses: ["198.51.100.11", "2001:db8:51::b"] },
      { hostname: "mx2.alpha.example", ipAddresses: ["198.51.100.12"] },
    ],
    dkimKeys: [
      { domain: "alpha.example", selector: "ms202611a", algorithm: "rsa-2048", publicKey: "A".repeat(392) },
      { domain: "beta.example", selector: "ms202611a", algorithm: "rsa-2048", publicKey: "BBBB" },
    ],
  });

  it("spreads mail over its servers and gives every address a name in both directions", () => {
    expect(records.filter((record) => record.type === "MX").map((record) => record.value)).toEqual([
      "10 mx1.alpha.example",
      "10 mx2.alpha.example",
    ]);
    expect(records.filter((record) => record.purpose === "host-address")).toHaveLength(3);
    expect(records.filter((record) => record.purpose === "reverse")).toHaveLength(3);
  });

  it("lets every host send in its own name, unless the domain's record says it already", () => {
    expect(records.filter((record) => record.purpose === "host-spf")).toMatchObject([
      { name: "mx1.alpha.example", type: "TXT", value: "v=spf1 a -all", publishedAt: "host-dns" },
      { name: "mx2.alpha.example", type: "TXT", value: "v=spf1 a -all", publishedAt: "host-dns" },
    ]);
    const ofBareDomain = planRecords({
      domain: "alpha.example",
      servers: [{ hostname: "alpha.example", ipAddresses: [] }],
      dkimKeys: [],
    });
    expect(ofBareDomain.filter((record) => record.value.startsWith("v=spf1"))).toHaveLength(1);
  });

  it.each([
    [[], undefined],
    [[{ sendersOf: "*" as const, smarthost }], ["alpha.example", "mx1.alpha.example"]],
    [[{ sendersOf: domainNameSchema.parse("alpha.example"), smarthost }], ["alpha.example"]],
    [
      [
        { sendersOf: "*" as const, smarthost },
        { sendersOf: domainNameSchema.parse("alpha.example"), smarthost: null },
      ],
      ["mx1.alpha.example"],
    ],
  ])("with the relays %j mail of %j does not leave from the host's own address", (relays, relayedFor) => {
    const [, address] = planRecords({
      domain: "alpha.example",
      servers: [{ hostname: "mx1.alpha.example", ipAddresses: ["198.51.100.11"], relays }],
      dkimKeys: [],
    });
    expect(address?.relayedFor).toEqual(relayedFor);
  });

  it("leaves out the keys of other domains", () => {
    expect(records.filter((record) => record.purpose === "dkim").map((record) => record.name)).toEqual([
      "ms202611a._domainkey.alpha.example",
    ]);
  });

  it("writes a long key as several strings of one zone file line", () => {
    const lines = records.filter((record) => record.purpose === "dkim").map(zoneFileLine);
    expect(lines[0]).toMatch(/^ms202611a\._domainkey\.alpha\.example\. IN TXT "v=DKIM1; k=rsa; p=A+" "A+"$/);
  });
});

describe("record texts", () => {
  it("character-strings join to the value and none is too long", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2000 }), (value) => {
        const parts = characterStrings(value);
        expect(parts.join("")).toBe(value);
        expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(255);
      }),
    );
  });

  it("reverse names read an address from its end", () => {
    expect(reverseName("198.51.100.11")).toBe("11.100.51.198.in-addr.arpa");
    expect(reverseName("2001:db8:51::b")).toBe(
      "b.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.5.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
    );
    expect(expandIpv6("::1")).toBe("00000000000000000000000000000001");
  });
});
