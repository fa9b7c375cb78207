import { expect, test } from "vitest";
import { type CertificateFacts, judgeCertificate } from "./certificate-facts.ts";
import type { HostCheckFacts, HostPage } from "./host-facts.ts";
import { judgeServices, pickRoleDomains } from "./judge-services.ts";

const checkedAt = new Date("2026-11-29T00:00:00Z");
const certificate: CertificateFacts = {
  names: ["mail1.msp.example"],
  issuer: "An Authority",
  expiresAt: new Date("2027-02-01T00:00:00Z"),
  untrusted: null,
  key: { type: "rsa", bits: 2048 },
  signature: "sha256WithRSAEncryption",
  digests: null,
};
const page: HostPage = {
  where: "https://mail1.msp.example/",
  certificate,
  problem: null,
  namesResponsible: true,
};
const judgePage = (changed: Partial<HostPage>) => {
  const facts: HostCheckFacts = {
    hostname: "mail1.msp.example",
    ipFamilies: "dual",
    checkedAt,
    addresses: [],
    forwardAddresses: [],
    tls: [],
    tlsa: null,
    page: { ...page, ...changed },
    listings: [],
    routes: null,
    inside: null,
  };
  return judgeServices(facts).map(({ kind, severity }) => `${kind} ${severity}`);
};

test("a page that is served and says who is responsible has no finding; without it is an instruction", () => {
  expect(judgePage({})).toEqual([]);
  expect(judgePage({ namesResponsible: false })).toEqual(["web-imprint instruction"]);
  expect(judgePage({ certificate: null, problem: "refused" })).toEqual(["web-closed warning"]);
  expect(judgePage({ certificate: { ...certificate, names: ["other.example"] } })).toEqual([
    "certificate-name error",
  ]);
});

test.each<[Partial<CertificateFacts>, string[]]>([
  [{ key: { type: "rsa", bits: 1024 } }, ["certificate-key"]],
  [{ key: { type: "ec", bits: 192 } }, ["certificate-key"]],
  [{ key: { type: "ec", bits: 256 } }, []],
  [{ key: { type: "ed25519", bits: 1 } }, []],
  [{ signature: "sha1WithRSAEncryption" }, ["certificate-signature"]],
  [{ signature: "ecdsa-with-SHA1" }, ["certificate-signature"]],
  [{ signature: "ecdsa-with-SHA384" }, []],
])("the key and the signature of a certificate are judged (%#)", (changed, expected) => {
  const how = { name: "mail1.msp.example", shownAt: "here", now: checkedAt };
  expect(judgeCertificate({ ...certificate, ...changed }, how).map(({ kind }) => kind)).toEqual(expected);
});

test("with many domains every one of them has its turn", () => {
  const domains = Array.from({ length: 60 }, (_, at) => `d${at}.example`);
  const days = [0, 1, 2].map((day) => new Date(checkedAt.getTime() + day * 86_400_000));
  const asked = new Set(days.flatMap((day) => pickRoleDomains(domains, day)));
  expect(asked.size).toBe(domains.length);
  expect(pickRoleDomains(["a.example"], checkedAt)).toEqual(["a.example"]);
});
