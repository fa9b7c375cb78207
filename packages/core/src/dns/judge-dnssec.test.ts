import { describe, expect, it } from "vitest";
import { type DnssecFacts, judgeDnssec, type ZoneKey, type ZoneSignature } from "./judge-dnssec.ts";

const checkedAt = new Date("2026-11-29T00:00:00Z");
const inDays = (days: number) => new Date(checkedAt.getTime() + days * 86_400_000);
const key: ZoneKey = {
  keyTag: 55648,
  algorithm: 13,
  isEntryPoint: true,
  isRevoked: false,
  digests: { 1: "aa", 2: "b4c8", 4: "cc" },
  saidBy: "ns1.a.example",
};
const signer = { keyTag: 55648, algorithm: 13, digestType: 2, digest: "B4C8" };
const signature = (covers: string, changed: Partial<ZoneSignature> = {}): ZoneSignature => ({
  covers,
  keyTag: 55648,
  algorithm: 13,
  inception: inDays(-7),
  expiration: inDays(14),
  isGenuine: true,
  saidBy: "ns1.a.example",
  ...changed,
});
const signatures = (changed: Partial<ZoneSignature> = {}) => [
  signature("DNSKEY", changed),
  signature("SOA", changed),
];
const signers = (...records: (typeof signer)[]) => ({ records, saidBy: "ns.example" });

function facts(changed: Partial<DnssecFacts> = {}): DnssecFacts {
  return {
    checkedAt,
    signers: signers(signer),
    keys: [key],
    signatures: signatures(),
    resolver: { answer: "validated", name: "192.0.2.53" },
    ...changed,
  };
}

describe("the signatures of a zone", () => {
  it.each<[string, Partial<DnssecFacts>, string, string[]]>([
    ["announced, signed and valid", {}, "secure", []],
    ["neither announced nor signed", { signers: signers(), keys: [], signatures: [] }, "none", []],
    ["signed and not announced", { signers: signers() }, "none", ["ds-missing instruction"]],
    ["nobody above to ask", { signers: null }, "unknown", []],
    ["announced, and no server of the zone answers", { keys: [], signatures: [] }, "unknown", []],
    [
      "announced and not signed",
      { keys: [], signatures: [], resolver: { answer: "refused", name: "192.0.2.53" } },
      "bogus",
      ["ds-mismatch error"],
    ],
    ["another key announced", { signers: signers({ ...signer, keyTag: 1 }) }, "bogus", ["ds-mismatch error"]],
    [
      "another digest announced",
      { signers: signers({ ...signer, digest: "00" }) },
      "bogus",
      ["ds-mismatch error"],
    ],
    ["expired", { signatures: signatures({ expiration: inDays(-1) }) }, "bogus", ["dnssec-bogus error"]],
    ["not yet valid", { signatures: signatures({ inception: inDays(1) }) }, "bogus", ["dnssec-bogus error"]],
    [
      "made by nobody's key",
      { signatures: signatures({ isGenuine: false }) },
      "bogus",
      ["dnssec-bogus error"],
    ],
    [
      "keys signed by another than the announced one",
      { signatures: [signature("DNSKEY", { keyTag: 1 }), signature("SOA")] },
      "bogus",
      ["dnssec-bogus error"],
    ],
    [
      "refused by a validating resolver",
      { resolver: { answer: "refused", name: "192.0.2.53" } },
      "bogus",
      ["dnssec-bogus error"],
    ],
    [
      "about to expire",
      { signatures: signatures({ expiration: inDays(1) }) },
      "secure",
      ["signatures-expiring warning"],
    ],
    [
      "renewed on one name server and expired on another",
      { signatures: [...signatures(), ...signatures({ expiration: inDays(-1), saidBy: "ns2.a.example" })] },
      "secure",
      ["signatures-expiring warning"],
    ],
    [
      "made anew for each answer, for two days",
      { signatures: signatures({ inception: inDays(-1), expiration: inDays(1) }) },
      "secure",
      [],
    ],
    [
      "announced by SHA-1 only",
      { signers: signers({ ...signer, digestType: 1, digest: "AA" }) },
      "secure",
      ["dnssec-old-algorithm warning"],
    ],
    [
      "announced by SHA-1 and SHA-256",
      { signers: signers({ ...signer, digestType: 1, digest: "AA" }, signer) },
      "secure",
      [],
    ],
    [
      "of an old algorithm",
      {
        signers: signers({ ...signer, algorithm: 5 }),
        keys: [{ ...key, algorithm: 5 }],
        signatures: signatures({ algorithm: 5 }),
      },
      "secure",
      ["dnssec-old-algorithm warning"],
    ],
    [
      "announced by a digest that nobody knows, which counts as unsigned",
      {
        signers: signers({ ...signer, digestType: 77 }),
        signatures: [],
        resolver: { answer: "plain", name: "" },
      },
      "none",
      [],
    ],
  ])("%s", (_title, changed, status, expected) => {
    const judged = judgeDnssec("a.example", facts(changed));
    expect(judged.findings.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual(expected);
    expect(judged.status.kind).toBe(status);
  });

  it("a signed zone that nobody announces comes with the DS record for the registrar", () => {
    const { findings } = judgeDnssec(
      "a.example",
      facts({ signers: signers(), keys: [key, { ...key, saidBy: "ns2" }] }),
    );
    expect(findings[0]?.record).toBe("a.example. IN DS 55648 13 2 b4c8");
  });

  it("a DS record of no key shows both sides, and the one to put in its place", () => {
    const { findings } = judgeDnssec("a.example", facts({ signers: signers({ ...signer, keyTag: 1 }) }));
    expect(findings[0]).toMatchObject({
      evidence: [
        "ns.example: a.example DS 1 13 2 B4C8",
        "ns1.a.example: DNSKEY 55648, algorithm 13, entry point",
      ],
      record: "a.example. IN DS 55648 13 2 b4c8",
    });
  });
});
