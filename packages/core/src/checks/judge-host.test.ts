import { describe, expect, test } from "vitest";
import type { CertificateFacts } from "./certificate-facts.ts";
import type { AddressFacts, HostCheckFacts, PortFacts } from "./host-facts.ts";
import { isGeneric, judgeHost } from "./judge-host.ts";

const checkedAt = new Date("2026-11-29T00:00:00Z");
const inDays = (days: number) => new Date(checkedAt.getTime() + days * 86_400_000);
const certificate: CertificateFacts = {
  names: ["mail1.msp.example"],
  issuer: "An Authority",
  expiresAt: inDays(60),
  untrusted: null,
  key: { type: "ec", bits: 256 },
  signature: "sha256WithRSAEncryption",
  digests: { ofKey: "aa".repeat(32), ofCertificate: "bb".repeat(32) },
};
type OpenPort = Extract<PortFacts, { kind: "open" }>;
const port25 = (changed: Partial<OpenPort> = {}): OpenPort => ({
  port: 25,
  kind: "open",
  greetingName: "mail1.msp.example",
  certificate,
  tlsProblem: null,
  relayReply: { isAccepted: false, text: "554 5.7.1 Relay access denied" },
  recipients: [],
  ...changed,
});
const port993 = { ...port25(), port: 993, greetingName: null, relayReply: null } as const;
const v4 = (changed: Partial<AddressFacts> = {}): AddressFacts => ({
  address: "198.51.100.11",
  reverseNames: ["mail1.msp.example"],
  confirmedNames: ["mail1.msp.example"],
  askedFor: "11.100.51.198.in-addr.arpa",
  isReachableFromHere: true,
  ports: [port25(), port993],
  ...changed,
});
const v6 = (changed: Partial<AddressFacts> = {}): AddressFacts =>
  v4({ address: "2001:db8:51::b", askedFor: "b.ip6.arpa", ...changed });

function facts(changed: Partial<HostCheckFacts> = {}): HostCheckFacts {
  return {
    hostname: "mail1.msp.example",
    ipFamilies: "dual",
    checkedAt,
    addresses: [v4(), v6()],
    forwardAddresses: ["198.51.100.11", "2001:DB8:51:0::b"],
    tls: [],
    tlsa: null,
    page: null,
    listings: [],
    routes: null,
    inside: null,
    ...changed,
  };
}

const withPort = (changed: Partial<OpenPort>) => ({ addresses: [v4({ ports: [port25(changed)] }), v6()] });
const silent = { kind: "silent", problem: "nothing answered within 10 s" } as const;

describe("a server as strangers meet it", () => {
  test.each<[string, Partial<HostCheckFacts>, string[]]>([
    ["all right", {}, []],
    [
      "no reverse name",
      { addresses: [v4({ reverseNames: [], confirmedNames: [] }), v6()] },
      ["ptr-missing error"],
    ],
    [
      "nobody to ask for the reverse name",
      { addresses: [v4({ reverseNames: null, confirmedNames: [] })] },
      [],
    ],
    [
      "another name, which leads back",
      { addresses: [v4({ reverseNames: ["www.msp.example"], confirmedNames: ["www.msp.example"] }), v6()] },
      ["ptr-differs warning"],
    ],
    [
      "the provider's pattern",
      {
        addresses: [
          v4({
            reverseNames: ["static.198-51-100-11.isp.example"],
            confirmedNames: ["static.198-51-100-11.isp.example"],
          }),
          v6(),
        ],
      },
      ["ptr-differs warning", "ptr-generic error"],
    ],
    [
      "a reverse name that does not lead back",
      { addresses: [v4({ confirmedNames: [] }), v6()] },
      ["ptr-unconfirmed error"],
    ],
    [
      "a reverse name that nobody could be asked for again",
      { addresses: [v4({ confirmedNames: [], isUnconfirmable: true }), v6()] },
      [],
    ],
    [
      "a name that does not lead here",
      { forwardAddresses: ["198.51.100.11"] },
      ["host-address-missing error"],
    ],
    [
      "IPv6 without a reverse name",
      { addresses: [v4(), v6({ reverseNames: [], confirmedNames: [] })] },
      ["ptr-missing error", "prefer-ipv4 warning"],
    ],
    [
      "IPv6 without a reverse name on a server that sends by IPv4 first",
      { ipFamilies: "prefer-ipv4", addresses: [v4(), v6({ reverseNames: [], confirmedNames: [] })] },
      ["ptr-missing error"],
    ],
    [
      "port 25 refuses",
      { addresses: [v4({ ports: [{ port: 25, kind: "refused", problem: "ECONNREFUSED" }] })] },
      ["port-closed error"],
    ],
    [
      "port 25 is silent and others answer",
      { addresses: [v4({ ports: [{ port: 25, ...silent }, port993] })] },
      ["port-silent warning"],
    ],
    [
      "nothing answers",
      {
        addresses: [
          v4({
            ports: [
              { port: 25, ...silent },
              { port: 993, ...silent },
            ],
          }),
        ],
      },
      ["port-silent error", "port-silent error"],
    ],
    [
      "we have no way to IPv6",
      { addresses: [v4(), v6({ isReachableFromHere: false, ports: [{ port: 25, ...silent }] })] },
      [],
    ],
    ["another name in the greeting", withPort({ greetingName: "localhost" }), ["helo-differs warning"]],
    ["no TLS", withPort({ certificate: null }), ["tls-missing warning"]],
    [
      "a certificate for another name",
      withPort({ certificate: { ...certificate, names: ["www.msp.example"] } }),
      ["certificate-name error"],
    ],
    ["a wildcard certificate", withPort({ certificate: { ...certificate, names: ["*.msp.example"] } }), []],
    [
      "a certificate of our own making",
      withPort({ certificate: { ...certificate, untrusted: "self-signed certificate" } }),
      ["certificate-untrusted warning"],
    ],
    [
      "a certificate for ten days",
      withPort({ certificate: { ...certificate, expiresAt: inDays(10) } }),
      ["certificate-expiring warning"],
    ],
    [
      "a certificate for five days",
      withPort({ certificate: { ...certificate, expiresAt: inDays(5) } }),
      ["certificate-expiring error"],
    ],
    [
      "an expired certificate",
      withPort({
        certificate: { ...certificate, expiresAt: inDays(-1), untrusted: "certificate has expired" },
      }),
      ["certificate-expiring error"],
    ],
    ["an open relay", withPort({ relayReply: { isAccepted: true, text: "250 Ok" } }), ["open-relay error"]],
  ])("%s", (_title, changed, expected) => {
    const findings = judgeHost(facts(changed));
    expect(findings.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual(expected);
    for (const { evidence } of findings) expect(evidence.length).toBeGreaterThan(0);
  });

  test("a missing reverse name comes with the record for the provider", () => {
    const [finding] = judgeHost(facts({ addresses: [v4({ reverseNames: [], confirmedNames: [] })] }));
    expect(finding?.record).toBe("11.100.51.198.in-addr.arpa. IN PTR mail1.msp.example.");
  });
});

describe("a reverse name", () => {
  test.each([
    ["static.11.100.51.198.clients.isp.example", true],
    ["198-51-100-11.isp.example", true],
    ["vps-100-11.isp.example", true],
    ["ip-198-051-100-011.isp.example", true],
    ["pool-7.isp.example", true],
    ["dynamic.isp.example", true],
    ["mail1.msp.example", false],
    ["mx.static.example", false],
    ["mail11.msp.example", false],
  ])("%s is the provider's pattern: %s", (name, expected) => {
    expect(isGeneric(name, "198.51.100.11")).toBe(expected);
  });
});
