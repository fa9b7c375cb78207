import { X509Certificate } from "node:crypto";
import { createServer } from "node:https";
import { type AddressInfo, createServer as createPlainServer } from "node:net";
import type { PlannedRecord } from "@mailstead/core/dns";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { markCertificates } from "../testing/mark-certificates.ts";
import { policyHostCertificate, testAuthority } from "../testing/test-certificates.ts";
import { DnsMemory } from "./dns-memory.ts";
import { DnsView } from "./dns-view.ts";
import { inspectBimi, inspectWebNames } from "./inspect-web-names.ts";
import { knownMarkRoots } from "./mark-certificate.ts";
import { TestNameServer } from "./name-server.fixture.ts";

const dns = new TestNameServer("127.0.0.1");
let pages: Record<string, { type: string; text: string }>;
const web = createServer(policyHostCertificate, (request, response) => {
  const page = pages[request.url ?? ""];
  response.writeHead(page === undefined ? 404 : 200, { "content-type": page?.type ?? "text/plain" });
  response.end(page?.text ?? "");
});
let resolver: ConstructorParameters<typeof DnsView>[0];
let port = 0;

beforeAll(async () => {
  const dnsPort = await dns.start();
  resolver = { address: "127.0.0.1", port: dnsPort, authorityPort: dnsPort };
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.22", resolve));
  port = (web.address() as AddressInfo).port;
});
afterAll(() => {
  dns.stop();
  web.close();
});

// The certificate of the tests is for this one name of a domain.
const named = "mta-sts.a.example";
const logo =
  '<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps"><title>A</title></svg>';
beforeEach(() => {
  pages = { "/logo.svg": { type: "image/svg+xml", text: logo } };
  dns.publish(`${named} A 127.0.0.22`);
});

const looking = (changed = {}) => ({
  view: new DnsView(resolver),
  now: new Date("2026-11-29T00:00:00Z"),
  fetching: { port, isAllowed: () => true, ca: testAuthority, ...changed },
});
const webName = (name: string): PlannedRecord => ({
  purpose: "web-name",
  name,
  type: "CNAME",
  value: "mail.b.example",
  leadsTo: ["127.0.0.22"],
  level: "optional",
  reason: "Leads to the settings.",
  withoutIt: "People type them.",
  publishedAt: "domain-dns",
});
const kindsOf = async (name: string, changed = {}) =>
  (await inspectWebNames([webName(name)], looking(changed))).findings.map(
    ({ kind, severity, about }) => `${kind} ${severity} ${about}`,
  );

test("a web name that is served under its own certificate has no finding", async () => {
  expect(await kindsOf(named)).toEqual([]);
});

test("a web name that is served under another's certificate, or under one that nobody trusts, is found", async () => {
  dns.publish("autoconfig.a.example A 127.0.0.22");
  expect(await kindsOf("autoconfig.a.example")).toEqual([
    "certificate-name error https://autoconfig.a.example",
  ]);
  dns.publish(`${named} A 127.0.0.22`);
  expect(await kindsOf(named, { ca: policyHostCertificate.cert })).toEqual([
    `certificate-untrusted warning https://${named}`,
  ]);
});

test("a web name that nobody serves is found; one that leads elsewhere is its record's matter", async () => {
  expect(await kindsOf(named, { port: 1 })).toEqual([`web-name-closed warning ${named}`]);
  dns.publish(`${named} A 127.0.0.23`);
  expect(await kindsOf(named, { port: 1 })).toEqual([]);
});

test("a web name that is away, or whose address nobody could be asked for, settles nothing of its certificate", async () => {
  const away = await inspectWebNames([webName(named)], looking({ port: 1 }));
  expect(away.unasked).toContain(`certificate-expiring https://${named}`);
  expect(away.unasked.some((kind) => kind.startsWith("web-name-closed"))).toBe(false);
  dns.rcode = 2;
  const unasked = await inspectWebNames([webName(named)], looking());
  dns.rcode = 0;
  expect(unasked).toMatchObject({ findings: [], unasked: expect.arrayContaining(["web-name-closed"]) });
});

test("a name that this machine must not go to is not judged", async () => {
  const { findings, unasked } = await inspectWebNames([webName(named)], looking({ isAllowed: () => false }));
  expect(findings).toEqual([]);
  expect(unasked).toContain("web-name-closed");
});

const bimi = async (record: string, text = logo, type = "image/svg+xml") => {
  pages["/logo.svg"] = { type, text };
  dns.publish(`${named} A 127.0.0.22`, `default._bimi.a.example TXT ${record}`);
  return (await inspectBimi("a.example", looking())).findings.map(({ sentence }) => sentence);
};
const logoRecord = `v=BIMI1; l=https://${named}/logo.svg`;

test("a logo that providers can show has no finding", async () => {
  expect(await bimi(logoRecord)).toEqual([]);
});

test.each<[string, string, string | undefined, string]>([
  [logo, "text/html", undefined, "its content type is not image/svg+xml"],
  [
    logo.replace(' baseProfile="tiny-ps"', ""),
    "image/svg+xml",
    undefined,
    'its baseProfile is not "tiny-ps"',
  ],
  [logo.replace("<title>", "<script/><title>"), "image/svg+xml", undefined, "it holds scripts"],
  [logo.replace("<title>A</title>", ""), "image/svg+xml", undefined, "it has no title"],
  [logo + " ".repeat(40_000), "image/svg+xml", undefined, "it has 40"],
  [logo, "image/svg+xml", logoRecord.replace("logo.svg", "none.svg"), "the status is 404"],
])("a logo that providers do not show is found (%#)", async (text, type, record, expected) => {
  expect((await bimi(record ?? logoRecord, text, type)).join()).toContain(expected);
});

test("a file that holds no certificate of a logo is found", async () => {
  pages["/mark.pem"] = { type: "application/x-pem-file", text: "hello" };
  const withMark = `${logoRecord}; a=https://${named}/mark.pem`;
  expect((await bimi(withMark)).join()).toContain("holds no certificate in PEM");
  pages["/mark.pem"] = { type: "application/x-pem-file", text: policyHostCertificate.cert };
  expect((await bimi(withMark)).join()).toContain("is not one for logos");
});

const { leaf, issuer, root, forgedIssuer } = markCertificates;
const roots: readonly X509Certificate[] = [new X509Certificate(root)];

async function markFindings(
  pem: string,
  { domain = "a.example", at = "2026-12-01", markRoots = roots } = {},
) {
  pages["/mark.pem"] = { type: "application/x-pem-file", text: pem };
  dns.publish(
    `${named} A 127.0.0.22`,
    `default._bimi.${domain} TXT ${logoRecord}; a=https://${named}/mark.pem`,
  );
  const { findings } = await inspectBimi(domain, { ...looking(), now: new Date(at), markRoots });
  return findings.map(({ kind, severity, sentence }) => `${kind} ${severity} ${sentence}`);
}

test("a mark certificate that names the domain and leads to a mark authority has no finding", async () => {
  expect(await markFindings(leaf + issuer)).toEqual([]);
  expect(await markFindings(leaf + issuer + root)).toEqual([]);
  expect(await markFindings(leaf + issuer, { domain: "news.a.example" })).toEqual([]);
});

test("a logo that is not the one in its certificate is found, by a single letter", async () => {
  pages["/logo.svg"] = { type: "image/svg+xml", text: logo.replace("<title>A", "<title>B") };
  expect(await markFindings(leaf + issuer)).toEqual([
    "bimi-logo-differs warning The logo that a.example publishes is not the one that its certificate holds.",
  ]);
  pages["/logo.svg"] = { type: "image/svg+xml", text: logo };
  expect(await markFindings(leaf + issuer)).toEqual([]);
});

test.each<[string, string, object, string]>([
  ["of another domain", leaf + issuer, { domain: "b.example" }, "the certificate is for a.example"],
  ["without its issuers", leaf, {}, "stands alone, without those of its issuers"],
  ["with an issuer of the same name that did not sign it", leaf + forgedIssuer, {}, "was not signed by"],
  ["whose issuers stand in another order", leaf + root + issuer, {}, "was not signed by"],
  ["of which the time has not come", leaf + issuer, { at: "2020-01-01" }, "only"],
  ["that ends soon", leaf + issuer, { at: "2126-10-20" }, "expires on 5 November 2126"],
])("a mark certificate %s is found", async (_what, pem, change, expected) => {
  expect((await markFindings(pem, change)).join()).toMatch(
    new RegExp(`^bimi-certificate warning .*${expected.replaceAll(".", "\\.")}`),
  );
});

test("a mark authority that is not known here is told of as that, and the known ones are real", async () => {
  expect((await markFindings(leaf + issuer, { markRoots: knownMarkRoots() })).join()).toMatch(
    /^bimi-certificate instruction .* leads to no mark authority that is known here/,
  );
  expect(knownMarkRoots().length).toBeGreaterThan(2);
});

test("a host that is away is waited for once, for however many domains it serves", async () => {
  let callers = 0;
  const silent = createPlainServer(() => {
    callers += 1;
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.22", resolve));
  onTestFinished(() => void silent.close());
  const fetching = {
    port: (silent.address() as AddressInfo).port,
    isAllowed: () => true,
    timeoutMs: 200,
  };
  const memory = new DnsMemory();
  const names = [named, "autoconfig.a.example"];
  dns.publish(...names.map((name) => `${name} A 127.0.0.22`));
  for (const name of names) {
    const view = new DnsView({ ...resolver, memory });
    const { findings } = await inspectWebNames([webName(name)], { ...looking(), view, fetching });
    expect(findings).toMatchObject([{ kind: "web-name-closed" }]);
    expect(JSON.stringify(findings)).toContain("127.0.0.22: nothing answered within 0.2 s");
  }
  expect(callers).toBe(1);
});
