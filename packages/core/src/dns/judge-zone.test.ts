import { describe, expect, it } from "vitest";
import type { DnssecFacts } from "./judge-dnssec.ts";
import { judgeZone } from "./judge-zone.ts";
import type { ZoneFacts, ZoneServer } from "./zone-facts.ts";

const both = ["ns1.b.example", "ns2.b.example"];
const times = { refreshS: 7200, retryS: 3600, expireS: 1_209_600, negativeS: 3600 };
const unsigned: DnssecFacts = {
  checkedAt: new Date("2026-11-29T00:00:00Z"),
  signers: { records: [], saidBy: "ns.example" },
  keys: [],
  signatures: [],
  resolver: { answer: "plain", name: "192.0.2.53" },
};

function server(number: number, changed: Partial<ZoneServer> = {}): ZoneServer {
  const own = { nameServer: `ns${number}.b.example`, address: `192.0.${number}.1` };
  const right = { kind: "authoritative", serial: 5, nameServers: both, times, tcpProblem: null };
  return { ...own, ...right, ...changed } as ZoneServer;
}

function facts(changed: Partial<ZoneFacts> = {}): ZoneFacts {
  return {
    zone: "a.example",
    delegation: { nameServers: ["NS2.b.example", "ns1.b.example"], saidBy: "ns.example", glue: [] },
    withoutAddress: [],
    aliases: [],
    ipv6: both.map((nameServer) => ({ nameServer, hasIpv6: true })),
    ownAddresses: [],
    servers: [server(1), server(2)],
    wildcards: [],
    dnssec: unsigned,
    ...changed,
  };
}

const ipv6 = (...known: (boolean | null)[]) =>
  known.map((hasIpv6, at) => ({ nameServer: `ns${at + 1}.b.example`, hasIpv6 }));
const lame = { kind: "lame", problem: "it answered REFUSED" } as const;
const silent = { kind: "silent", problem: "no answer within 2 s" } as const;
const delegation = (nameServers: string[], glue: string[] = []) => ({
  nameServers,
  saidBy: "ns.example",
  glue: glue.map((address) => ({ nameServer: "ns1.a.example", address })),
});
const within = ["ns1.a.example", "ns2.b.example"];
const serversWithin = [
  server(1, { nameServer: "ns1.a.example", nameServers: within }),
  server(2, { nameServers: within }),
];
const own = (...addresses: string[]) =>
  addresses.map((address) => ({ nameServer: "ns1.a.example", address }));

describe("a zone is right when its name servers answer for it and agree", () => {
  it.each<[string, Partial<ZoneFacts>, string[]]>([
    ["all agree", {}, []],
    ["the zone above could not be asked", { delegation: null }, []],
    ["a lame server", { servers: [server(1), server(2, lame)] }, ["lame warning"]],
    ["a silent server", { servers: [server(1), server(2, silent)] }, ["silent warning"]],
    ["nobody answers", { servers: [server(1, lame), server(2, lame)] }, ["lame error"]],
    ["a name without address", { withoutAddress: ["ns3.b.example"] }, ["no-address warning"]],
    ["different versions", { servers: [server(1), server(2, { serial: 4 })] }, ["serials-differ warning"]],
    [
      "another delegation",
      { delegation: delegation(["ns1.b.example", "ns9.old.example"]) },
      ["delegation-differs warning"],
    ],
    [
      "no answer over TCP",
      { servers: [server(1), server(2, { tcpProblem: "cannot be reached over TCP" })] },
      ["no-tcp warning"],
    ],
    [
      "a name server that is an alias",
      { aliases: [{ nameServer: "ns1.b.example", target: "vps.c.example" }] },
      ["name-server-alias warning"],
    ],
    ["one name server", { servers: [server(1, { nameServers: both })] }, ["one-name-server warning"]],
    [
      "two names of one address",
      { servers: [server(1), server(2, { address: "192.0.1.1" })] },
      ["one-name-server warning"],
    ],
    ["no IPv6", { ipv6: ipv6(false, false) }, ["no-ipv6 instruction"]],
    ["IPv6 at one of two", { ipv6: ipv6(true, false) }, ["no-ipv6 instruction"]],
    ["IPv6 at two of three", { ipv6: ipv6(true, false, true) }, []],
    ["IPv6 that nobody could be asked about", { ipv6: ipv6(null, false) }, []],
    [
      "IPv6 of a name without any address",
      { withoutAddress: ["ns2.b.example"], ipv6: ipv6(true, false) },
      ["no-address warning"],
    ],
    [
      "all in one network",
      { servers: [server(1), server(2, { address: "192.0.1.9" })] },
      ["one-network instruction"],
    ],
    [
      "glue as the zone says",
      {
        servers: serversWithin,
        delegation: delegation(within, ["192.0.1.1", "2001:db8::1"]),
        ownAddresses: own("2001:DB8:0::1", "192.0.1.1"),
      },
      [],
    ],
    [
      "no glue",
      { servers: serversWithin, delegation: delegation(within), ownAddresses: own("192.0.1.1") },
      ["glue-missing error"],
    ],
    [
      "old glue",
      {
        servers: serversWithin,
        delegation: delegation(within, ["198.51.100.7"]),
        ownAddresses: own("192.0.1.1"),
      },
      ["glue-differs warning"],
    ],
    [
      "a year of negative answers",
      { servers: [server(1, { times: { ...times, negativeS: 31_536_000 } }), server(2)] },
      ["soa-times warning"],
    ],
    [
      "secondaries that give up before they try again",
      {
        servers: [
          server(1, { times: { ...times, refreshS: 172_800, retryS: 86_400, expireS: 172_800 } }),
          server(2),
        ],
      },
      ["soa-times warning"],
    ],
    [
      "a wildcard of TXT records",
      { wildcards: [{ name: "*.a.example", type: "TXT", values: ["hello"] }] },
      ["wildcard warning"],
    ],
    [
      "a wildcard of addresses",
      { wildcards: [{ name: "*.a.example", type: "A", values: ["192.0.2.80"] }] },
      ["wildcard instruction"],
    ],
  ])("%s", (_title, changed, expected) => {
    const { findings } = judgeZone(facts(changed));
    expect(findings.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual(expected);
    for (const { why, fix } of findings) expect(`${why} ${fix}`).toMatch(/\. .*\.$/);
  });

  it("each finding names who said what", () => {
    const { findings } = judgeZone(facts({ servers: [server(1), server(2, lame)] }));
    expect(findings[0]).toMatchObject({
      sentence: expect.stringContaining("ns2.b.example is named for a.example"),
      evidence: ["ns2.b.example (192.0.2.1): it answered REFUSED"],
    });
  });

  it("missing glue comes with the records to register", () => {
    const { findings } = judgeZone(
      facts({
        servers: serversWithin,
        delegation: delegation(within),
        ownAddresses: own("192.0.1.1", "2001:db8::1"),
      }),
    );
    expect(findings[0]?.record).toBe("ns1.a.example. IN A 192.0.1.1\nns1.a.example. IN AAAA 2001:db8::1");
  });
});
