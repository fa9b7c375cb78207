import { createServer } from "node:https";
import type { SeenPolicy } from "@mailstead/core/checks";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { policyHostCertificate, testAuthority } from "../testing/test-certificates.ts";
import { DnsView } from "./dns-view.ts";
import { fetchMtaStsPolicy } from "./fetch-mta-sts.ts";
import { inspectMtaSts } from "./inspect-mta-sts.ts";
import { TestNameServer } from "./name-server.fixture.ts";

const policy = "version: STSv1\nmode: enforce\nmx: mail1.msp.example\nmax_age: 604800\n";
const dns = new TestNameServer("127.0.0.1");
let answer: { status: number; headers: Record<string, string>; text: string };
const web = createServer(policyHostCertificate, (_request, response) => {
  response.writeHead(answer.status, answer.headers);
  response.end(answer.text);
});
let resolver: ConstructorParameters<typeof DnsView>[0];
let port = 0;

beforeAll(async () => {
  const dnsPort = await dns.start();
  resolver = { address: "127.0.0.1", port: dnsPort, authorityPort: dnsPort };
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.9", resolve));
  const bound = web.address();
  port = typeof bound === "object" && bound !== null ? bound.port : 0;
});
afterAll(() => {
  dns.stop();
  web.close();
});

const records = (id = "1", host = "127.0.0.9") => [
  "a.example MX 10 mail1.msp.example",
  `_mta-sts.a.example TXT v=STSv1; id=${id};`,
  `mta-sts.a.example A ${host}`,
];
beforeEach(() => {
  answer = { status: 200, headers: { "content-type": "text/plain" }, text: policy };
  dns.publish(...records());
});

const now = new Date("2026-11-20T12:00:00Z");
const fetching = () => ({ port, isAllowed: () => true, ca: testAuthority });
const inspect = (before: SeenPolicy | null = null, changed = {}) =>
  inspectMtaSts("a.example", {
    view: new DnsView(resolver),
    before,
    now,
    fetching: fetching(),
    ...changed,
  });
const kinds = async (...args: Parameters<typeof inspect>) =>
  (await inspect(...args)).findings.map(({ kind, severity }) => `${kind} ${severity}`);

test("a policy that is served as it must be has no finding, and is remembered", async () => {
  expect(await inspect()).toEqual({
    seen: { id: "1", policyText: policy, seenAt: now.toISOString() },
    findings: [],
    unasked: [],
  });
});

test("a domain that announces no policy is not asked for one", async () => {
  dns.publish("a.example MX 10 mail1.msp.example");
  expect(await inspect()).toMatchObject({ seen: { id: "", policyText: "", wasTested: false }, findings: [] });
});

test.each<[string, Partial<typeof answer>, string]>([
  ["a missing page", { status: 404 }, "mta-sts-served-wrong warning"],
  [
    "a redirect",
    { status: 302, headers: { location: "/elsewhere", "content-type": "text/plain" } },
    "mta-sts-served-wrong warning",
  ],
  ["a web page", { headers: { "content-type": "text/html" } }, "mta-sts-served-wrong warning"],
  ["no policy", { text: "hello" }, "mta-sts-policy warning"],
  ["a text without end", { text: "x".repeat(100_000) }, "mta-sts-unreachable warning"],
])("%s is found", async (_what, changed, expected) => {
  answer = { ...answer, ...changed };
  expect(await kinds()).toEqual([expected]);
});

test("a policy that could not be read settles nothing that was found in it", async () => {
  answer = { ...answer, status: 404 };
  const { unasked } = await inspect();
  expect(unasked).toEqual(expect.arrayContaining(["mta-sts-policy", "mta-sts-mx", "mta-sts-certificate"]));
  expect(unasked).not.toContain("mta-sts-served-wrong");
  expect(unasked).not.toContain("mta-sts-unreachable");
});

test("a page with octets that no database stores is told without them", async () => {
  answer.text = "mode: en\0force\n";
  const { findings } = await inspect();
  expect(findings).toMatchObject([{ kind: "mta-sts-policy", evidence: ["mode: en\ufffdforce", ""] }]);
});

test("a policy that does not name a mail host is found", async () => {
  dns.publish("a.example MX 20 backup.b.example", ...records());
  expect(await kinds()).toEqual(["mta-sts-mx error"]);
});

test("a policy that changed under its old id is found, and under a new one it is right", async () => {
  const before = { id: "1", policyText: policy.replace("enforce", "testing") };
  expect(await kinds(before)).toEqual(["mta-sts-id warning"]);
  // Also at every later look, until the id changes.
  expect(await kinds((await inspect(before)).seen)).toEqual(["mta-sts-id warning"]);
  dns.publish(...records("2"));
  expect(await kinds(before)).toEqual([]);
});

test("what nobody could be asked about is neither found nor settled", async () => {
  const before = { id: "1", policyText: policy };
  dns.silentFor = "mta-sts.a.example";
  expect(await inspect(before)).toMatchObject({
    seen: before,
    findings: [],
    unasked: expect.arrayContaining(["mta-sts-mx", "mta-sts-unreachable"]),
  });
  dns.silentFor = null;
}, 20_000);

test("a certificate that nobody trusts, or that is for another name, is as good as no policy", async () => {
  expect(await kinds(null, { fetching: { ...fetching(), ca: policyHostCertificate.cert } })).toEqual([
    "mta-sts-unreachable warning",
  ]);
  const wrongName = await fetchMtaStsPolicy("b.example", ["127.0.0.9"], fetching());
  expect(wrongName).toMatchObject({ kind: "failed", problem: expect.stringContaining("mta-sts.b.example") });
});

test("nobody leads us into our own network by a policy host of theirs", async () => {
  const { isAllowed: _isAllowed, ...rest } = fetching();
  const { pageFetching } = await import("./fetch-page.ts");
  for (const address of ["127.0.0.9", "10.0.0.1", "169.254.169.254", "::1", "fd00::1"])
    expect(await fetchMtaStsPolicy("a.example", [address], { ...pageFetching, ...rest })).toMatchObject({
      kind: "failed",
      problem: expect.stringContaining("which the world cannot reach"),
    });
});

test("a policy that comes enforced out of nothing is found until it has been in testing", async () => {
  const served = (mode: string) => {
    answer = { ...answer, text: policy.replace("enforce", mode) };
  };
  dns.publish("a.example MX 10 mail1.msp.example");
  let { seen } = await inspect();
  dns.publish(...records());
  for (let check = 0; check < 2; check += 1) {
    const jumped = await inspect(seen);
    expect(jumped.findings.map(({ kind }) => kind)).toEqual(["mta-sts-order"]);
    seen = jumped.seen;
  }
  for (const [id, mode] of [
    ["2", "testing"],
    ["3", "enforce"],
  ] as const) {
    dns.publish(...records(id));
    served(mode);
    const right = await inspect(seen);
    expect(right.findings).toEqual([]);
    seen = right.seen;
  }
});

test("an enforced policy that vanishes is found for as long as senders remember it", async () => {
  const { seen } = await inspect();
  dns.publish("a.example MX 10 mail1.msp.example");
  const gone = await inspect(seen, { now: new Date(now.getTime() + 604_000_000) });
  expect(gone.findings).toMatchObject([
    { kind: "mta-sts-order", sentence: "The MTA-STS policy of a.example is gone, though it was enforced." },
  ]);
  expect(gone.seen).toEqual(seen);
  const forgotten = await inspect(gone.seen, { now: new Date(now.getTime() + 605_000_000) });
  expect(forgotten.findings).toEqual([]);
  // It went by way of none, and senders have heard of it.
  const withdrawn = { ...seen, policyText: policy.replace("enforce", "none") } as SeenPolicy;
  expect((await inspect(withdrawn)).findings).toEqual([]);
});

test("an enforced policy is an error while strangers do not trust a host that it names", async () => {
  expect(await kinds(null, { untrustedHosts: ["mail1.msp.example"] })).toEqual(["mta-sts-certificate error"]);
  answer = { ...answer, text: policy.replace("enforce", "testing") };
  expect(await kinds(null, { untrustedHosts: ["mail1.msp.example"] })).toEqual([]);
});
