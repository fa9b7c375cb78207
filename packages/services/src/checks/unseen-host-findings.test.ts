import type { AddressFacts, HostCheckFacts, PortFacts } from "@mailstead/core/checks";
import { describe, expect, test } from "vitest";
import { unseenIn } from "./unseen-host-findings.ts";

const certificate = {
  names: ["mail.a.example"],
  issuer: "Test CA",
  expiresAt: new Date("2027-01-01T00:00:00Z"),
  untrusted: null,
  key: null,
  signature: null,
  digests: null,
};
const openPort = {
  port: 25,
  kind: "open",
  greetingName: "mail.a.example",
  certificate,
  tlsProblem: null,
  relayReply: { isAccepted: false, text: "no" },
  recipients: [],
} as const satisfies PortFacts;

function seenWith(port: PortFacts, changed: Partial<HostCheckFacts & AddressFacts> = {}) {
  const address = {
    address: "192.0.2.1",
    reverseNames: ["mail.a.example"],
    confirmedNames: ["mail.a.example"],
    askedFor: "1.2.0.192.in-addr.arpa",
    isReachableFromHere: true,
    ports: [port],
    ...changed,
  };
  const unseen = unseenIn(
    {
      hostname: "mail.a.example",
      ipFamilies: "dual",
      checkedAt: new Date("2026-11-29T12:00:00Z"),
      addresses: [address],
      forwardAddresses: ["192.0.2.1"],
      tls: [],
      tlsa: { name: "_25._tcp.mail.a.example", type: "TLSA", values: [], saidBy: "ns" },
      page: { where: "https://mail.a.example/", certificate, problem: null, namesResponsible: true },
      listings: [],
      routes: null,
      inside: null,
      ...changed,
    },
    { domains: [] },
  );
  return (key: string) => !unseen(key);
}

describe("what a check of a server could not see settles nothing", () => {
  const behindPort = [
    "helo-differs 192.0.2.1:25",
    "open-relay 192.0.2.1:25",
    "tls-missing 192.0.2.1:25",
    "certificate-expiring 192.0.2.1:25",
    "tlsa-mismatch 192.0.2.1",
  ];

  test("behind a port that opens all is seen", () => {
    expect(behindPort.filter(seenWith(openPort))).toEqual(behindPort);
  });

  test.each(["refused", "silent"] as const)(
    "behind a port that is %s nothing is, but the port itself is",
    (kind) => {
      const sees = seenWith({ port: 25, kind, problem: "no" });
      expect(behindPort.filter(sees)).toEqual([]);
      expect(sees("port-closed 192.0.2.1:25")).toBe(true);
    },
  );

  test("where TLS fails no certificate is seen", () => {
    const sees = seenWith({ ...openPort, certificate: null, tlsProblem: "TLS failed", relayReply: null });
    expect(behindPort.filter(sees)).toEqual(["helo-differs 192.0.2.1:25", "tls-missing 192.0.2.1:25"]);
  });

  test("where the page is away neither its certificate nor its imprint is seen", () => {
    const page = {
      where: "https://mail.a.example/",
      certificate: null,
      problem: "no",
      namesResponsible: null,
    };
    const keys = ["certificate-name https://mail.a.example/", "web-imprint https://mail.a.example/"];
    expect(keys.filter(seenWith(openPort))).toEqual(keys);
    expect(keys.filter(seenWith(openPort, { page }))).toEqual([]);
    expect(seenWith(openPort, { page })("web-closed https://mail.a.example/")).toBe(true);
  });

  test("an address whose reverse name nobody could be asked for says nothing of preferring the other family", () => {
    expect(seenWith(openPort)("prefer-ipv4 mail.a.example")).toBe(true);
    expect(seenWith(openPort, { reverseNames: null })("prefer-ipv4 mail.a.example")).toBe(false);
    const sees = seenWith(openPort, { confirmedNames: [], isUnconfirmable: true });
    const keys = ["prefer-ipv4 mail.a.example", "ptr-unconfirmed 192.0.2.1", "ptr-differs 192.0.2.1"];
    expect(keys.filter(sees)).toEqual(["ptr-differs 192.0.2.1"]);
  });
});
