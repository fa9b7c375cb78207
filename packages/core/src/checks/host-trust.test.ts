import { expect, test } from "vitest";
import type { CertificateFacts } from "./certificate-facts.ts";
import type { HostCheckFacts, PortFacts } from "./host-facts.ts";
import { type HostTrustFacts, judgeHostTrust } from "./host-trust.ts";

const now = new Date("2026-11-20T12:00:00Z");
const hostname = "mx1.a.example";
const certificate = (changed: Partial<CertificateFacts> = {}): CertificateFacts => ({
  names: [hostname],
  issuer: "CA",
  expiresAt: new Date("2027-01-01T00:00:00Z"),
  untrusted: null,
  key: { type: "ec", bits: 256 },
  signature: "sha256WithRSAEncryption",
  digests: null,
  ...changed,
});
const seen = (shown: CertificateFacts | null | "closed"): HostCheckFacts => {
  const port: PortFacts =
    shown === "closed"
      ? { port: 25, kind: "silent", problem: "no answer" }
      : {
          port: 25,
          kind: "open",
          greetingName: hostname,
          certificate: shown,
          tlsProblem: null,
          relayReply: null,
          recipients: [],
        };
  return {
    hostname,
    ipFamilies: "dual",
    checkedAt: new Date("2026-11-19T12:00:00Z"),
    addresses: [
      {
        address: "192.0.2.1",
        reverseNames: null,
        confirmedNames: [],
        askedFor: "",
        isReachableFromHere: true,
        ports: [port],
      },
    ],
    forwardAddresses: null,
    tls: [],
    tlsa: null,
    page: null,
    listings: [],
    routes: null,
    inside: null,
  };
};
const issued = (notBefore: string, names = [hostname]) => ({
  names,
  notBefore: new Date(notBefore),
  notAfter: new Date("2027-01-01T00:00:00Z"),
});
const judge = (facts: Partial<HostTrustFacts>) =>
  judgeHostTrust({ hostname, seen: null, issued: null, ...facts }, now);

test.each<[string, Partial<HostTrustFacts>]>([
  ["strangers were shown one that they trust", { seen: seen(certificate()) }],
  ["strangers were shown a wildcard", { seen: seen(certificate({ names: ["*.a.example"] })) }],
  ["nobody looked, and an authority has issued it", { issued: issued("2026-11-01T00:00:00Z") }],
  ["nobody came through", { seen: seen("closed"), issued: issued("2026-11-01T00:00:00Z") }],
  [
    "it was issued after strangers saw the old one",
    {
      seen: seen(certificate({ untrusted: "self-signed certificate" })),
      issued: issued("2026-11-20T00:00:00Z"),
    },
  ],
])("a host is trusted when %s", (_what, facts) => {
  expect(judge(facts)).toEqual({ kind: "trusted" });
});

test.each<[string, Partial<HostTrustFacts>, RegExp]>([
  ["signed by itself", { seen: seen(certificate({ untrusted: "self-signed certificate" })) }, /self-signed/],
  ["for another name", { seen: seen(certificate({ names: ["other.example"] })) }, /not for mx1\.a\.example/],
  ["over", { seen: seen(certificate({ expiresAt: now })) }, /expired/],
  ["missing", { seen: seen(null) }, /no TLS/],
  [
    "still signed by itself after an authority issued one",
    { seen: seen(certificate({ untrusted: "self-signed" })), issued: issued("2026-11-01T00:00:00Z") },
    /self-signed/,
  ],
])("a host is not trusted whose certificate is %s", (_what, facts, why) => {
  expect(judge(facts)).toEqual({ kind: "untrusted", why: expect.stringMatching(why) });
});

test("of a host that nobody saw and nobody issued anything to, nothing is known", () => {
  for (const facts of [
    {},
    { seen: seen("closed") },
    { issued: issued("2026-11-01T00:00:00Z", ["b.example"]) },
  ])
    expect(judge(facts).kind).toBe("unknown");
});
