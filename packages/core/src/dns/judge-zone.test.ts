import { describe, expect, it } from "vitest";
import { judgeZone, type ZoneFacts, type ZoneServer } from "./judge-zone.ts";

const both = ["ns1.b.example", "ns2.b.example"];

function server(number: number, changed: Partial<ZoneServer> = {}): ZoneServer {
  const own = { nameServer: `ns${number}.b.example`, address: `192.0.2.${number}` };
  return { ...own, kind: "authoritative", serial: 5, nameServers: both, ...changed } as ZoneServer;
}

function facts(changed: Partial<ZoneFacts> = {}): ZoneFacts {
  return {
    zone: "a.example",
    delegation: { nameServers: ["NS2.b.example", "ns1.b.example"], saidBy: "ns.example" },
    withoutAddress: [],
    servers: [server(1), server(2)],
    ...changed,
  };
}

const lame = { kind: "lame", problem: "it answered REFUSED" } as const;
const silent = { kind: "silent", problem: "no answer within 2 s" } as const;

describe("a zone is right when its name servers answer for it and agree", () => {
  it.each<[string, Partial<ZoneFacts>, string[]]>([
    ["all agree", {}, []],
    ["the zone above could not be asked", { delegation: null }, []],
    ["a lame server", { servers: [server(1), server(2, lame)] }, ["lame attention"]],
    ["a silent server", { servers: [server(1), server(2, silent)] }, ["silent attention"]],
    ["nobody answers", { servers: [server(1, lame), server(2, lame)] }, ["lame trouble"]],
    ["a name without address", { withoutAddress: ["ns3.b.example"] }, ["no-address attention"]],
    ["different versions", { servers: [server(1), server(2, { serial: 4 })] }, ["serials-differ attention"]],
    [
      "another delegation",
      { delegation: { nameServers: ["ns1.b.example", "ns9.old.example"], saidBy: "ns.example" } },
      ["delegation-differs attention"],
    ],
  ])("%s", (_title, changed, expected) => {
    const { findings } = judgeZone(facts(changed));
    expect(findings.map(({ kind, level }) => `${kind} ${level}`)).toEqual(expected);
  });

  it("each finding names who said what", () => {
    const { findings } = judgeZone(facts({ servers: [server(1), server(2, lame)] }));
    expect(findings[0]).toMatchObject({
      sentence: expect.stringContaining("ns2.b.example is named for a.example"),
      evidence: ["ns2.b.example (192.0.2.2): it answered REFUSED"],
    });
  });
});
