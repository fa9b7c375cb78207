import { createHash, X509Certificate } from "node:crypto";
import type { MailPort } from "@mailstead/core/checks";
import { judgeHost } from "@mailstead/core/checks";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { DnsView } from "../dns/index.ts";
import { makeNameServer } from "../dns/name-server.testing.ts";
import { changeStackSettings, recordFacts } from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { mailHostCertificate, testAuthority } from "../testing/test-certificates.ts";
import { testFacts } from "../testing/test-facts.ts";
import {
  checkDueServers,
  checkServer,
  getServerCheck,
  listFindingChanges,
  type OutsideView,
} from "./index.ts";
import { inspectHost } from "./inspect-host.ts";
import { TestMailHost } from "./mail-host.testing.ts";

const t = await openServerTest();
const { serverId } = t;
const dns = makeNameServer("127.0.0.1");
/** Answers for the host's zone and for the reverse zones of its addresses. */
const authority = makeNameServer("127.0.0.7", ["msp.example", "in-addr.arpa"]);
const host = new TestMailHost();
let resolver: OutsideView["resolver"];
let ports = { smtp: 0, tls: 0 };

beforeAll(async () => {
  const port = await dns.start();
  await authority.start(port);
  resolver = { address: "127.0.0.1", port, authorityPort: port };
  ports = await host.start("127.0.0.8");
});
afterAll(async () => {
  dns.stop();
  authority.stop();
  host.stop();
  await t.close();
});

const zones = [
  "msp.example NS ns.msp.example",
  "in-addr.arpa NS ns.msp.example",
  "ns.msp.example A 127.0.0.7",
];
const right = ["mail1.msp.example A 127.0.0.8", "8.0.0.127.in-addr.arpa PTR mail1.msp.example"];

function publish(...lines: string[]): void {
  dns.publish(...zones, ...lines);
  authority.publish("msp.example SOA 1", ...zones, ...lines);
}

beforeEach(() => {
  host.greetingName = "mail1.msp.example";
  host.offersTls = true;
  host.isOpenRelay = false;
  host.refused = [];
  host.said.length = 0;
  dns.isSilent = false;
  publish(...right);
});

const looking = (listensOn: (port: MailPort) => number) => ({
  listensOn,
  probeName: "control.example",
  ca: testAuthority,
});
const open = (port: MailPort) => (port === 25 || port === 587 ? ports.smtp : ports.tls);

/** What is found on the host that listens on loopback, which no server of a customer can. */
const inspected = {
  hostname: "mail1.msp.example",
  addresses: ["127.0.0.8"],
  ipFamilies: "dual",
  hasMail: true,
  domains: ["a.example"],
  web: null,
  inside: null,
} as const;

async function findingsNow(listensOn = open, ownZones: string[] = []) {
  const facts = await inspectHost(
    { ...inspected, ownZones },
    {
      view: new DnsView(resolver),
      now: t.clock.now,
      looking: looking(listensOn),
    },
  );
  return judgeHost(facts).map(({ kind, severity, about }) => `${kind} ${severity} ${about}`);
}

test("a host whose names, certificates and ports are right has no finding, and is sent no message", async () => {
  expect(await findingsNow()).toEqual([]);
  expect(host.said).toContain("RCPT TO:<relay-test@example.com>");
  expect(host.said.join("\n")).not.toMatch(/^DATA/im);
});

test("an address that leads back to no name, or to one that does not lead here, is found", async () => {
  publish("mail1.msp.example A 127.0.0.8");
  expect(await findingsNow()).toEqual(["ptr-missing error 127.0.0.8"]);
  publish("mail1.msp.example A 127.0.0.8", "8.0.0.127.in-addr.arpa PTR other.msp.example");
  expect(await findingsNow()).toEqual(["ptr-differs warning 127.0.0.8", "ptr-unconfirmed error 127.0.0.8"]);
});

test("a name in the greeting that is not the host's is found", async () => {
  host.greetingName = "localhost";
  expect(await findingsNow()).toContain("helo-differs warning 127.0.0.8:25");
});

test("a host without TLS is found, and so is an open relay", async () => {
  host.offersTls = false;
  host.isOpenRelay = true;
  expect(await findingsNow()).toEqual([
    "tls-missing warning 127.0.0.8:25",
    "open-relay error 127.0.0.8:25",
    "tls-missing error 127.0.0.8:587",
  ]);
});

test("a domain whose abuse@ or postmaster@ is refused is found, and no message is sent for it", async () => {
  host.refused = ["abuse@a.example"];
  expect(await findingsNow()).toEqual(["role-address-refused warning abuse@a.example"]);
  expect(host.said.join("\n")).not.toMatch(/^DATA/im);
});

test("hostmaster@ is asked for where the zone is ours, whose SOA names it", async () => {
  host.refused = ["hostmaster@a.example"];
  expect(await findingsNow()).toEqual([]);
  expect(await findingsNow(open, ["a.example"])).toEqual([
    "role-address-refused warning hostmaster@a.example",
  ]);
});

test("a TLSA record that fits no certificate of the host is found, and the right one is shown", async () => {
  const wrong = `_25._tcp.mail1.msp.example TLSA 3 1 1 ${"ab".repeat(32)}`;
  publish(...right, wrong);
  expect(await findingsNow()).toEqual(["tlsa-mismatch error 127.0.0.8"]);
  const key = createHash("sha256")
    .update(new X509Certificate(mailHostCertificate.cert).publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
  publish(...right, wrong, `_25._tcp.mail1.msp.example TLSA 3 1 1 ${key}`);
  expect(await findingsNow()).toEqual([]);
});

test("a certificate that nobody trusts or that ends soon is found", async () => {
  const facts = await inspectHost(inspected, {
    view: new DnsView(resolver),
    now: new Date("2126-11-01T00:00:00Z"),
    looking: { listensOn: open, probeName: "control.example" },
  });
  const kinds = new Set(judgeHost(facts).map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(["certificate-expiring", "certificate-untrusted"]));
});

test("a port that refuses is found", async () => {
  expect(await findingsNow((port) => (port === 993 ? 1 : open(port)))).toEqual([
    "port-closed error 127.0.0.8:993",
  ]);
});

/** A server of the documentation's addresses, which lead nowhere from here; only its names can be found. */
async function settle(addresses: string[]): Promise<OutsideView> {
  await recordFacts(t.system, { serverId, facts: testFacts({ ipAddresses: addresses }) });
  return { resolver, looking: looking(open) };
}

test("what is found is kept with the day it began, and closed when it is gone", async () => {
  const outside = await settle(["198.51.100.11"]);
  publish("mail1.msp.example A 198.51.100.11");
  await checkServer(t.owner, { serverId }, outside);
  expect((await getServerCheck(t.owner, { serverId }))?.report.findings).toMatchObject([
    { kind: "ptr-missing" },
  ]);
  expect(await listFindingChanges(t.owner)).toMatchObject([
    { what: "opened", severity: "error", subject: { kind: "server", name: "mail1" } },
  ]);
  const openedAt = t.clock.now;
  t.clock.now = new Date(openedAt.getTime() + 2 * 86_400_000);
  await checkServer(t.owner, { serverId }, outside);
  expect(await listFindingChanges(t.owner)).toEqual([]);
  publish("mail1.msp.example A 198.51.100.11", "11.100.51.198.in-addr.arpa PTR mail1.msp.example");
  await checkServer(t.owner, { serverId }, outside);
  expect(await listFindingChanges(t.owner)).toMatchObject([{ what: "closed" }]);
});

test("a silent resolver changes nothing of what is known", async () => {
  const outside = await settle(["198.51.100.11"]);
  publish("mail1.msp.example A 198.51.100.11");
  await checkServer(t.owner, { serverId }, outside);
  dns.isSilent = true;
  expect(await checkServer(t.owner, { serverId }, outside)).toMatchObject({ kind: "resolver-silent" });
  expect((await getServerCheck(t.owner, { serverId }))?.report.findings).toMatchObject([
    { kind: "ptr-missing" },
  ]);
});

test("a server is looked at once it is installed, then daily, and soon after a change of its settings", async () => {
  const outside = await settle([]);
  publish();
  const run = async (afterMs: number) => {
    const ctx = { ...t.system, now: () => new Date(t.clock.now.getTime() + afterMs) };
    const { checked, failed } = await checkDueServers(ctx, {
      app: t.database.app,
      installation: t.installation,
      outside,
    });
    expect(failed).toEqual([]);
    return checked;
  };
  await t.database.admin.pool.query("update servers set next_check_at = null");
  expect(await run(0)).toEqual([]);
  await t.database.admin.pool.query("update servers set install_requested_at = $1", [t.clock.now]);
  expect(await run(60_000)).toEqual([]);
  expect(await run(180_000)).toEqual([serverId]);
  expect(await run(240_000)).toEqual([]);
  expect(await run(25 * 3_600_000)).toEqual([serverId]);
  t.clock.now = new Date(t.clock.now.getTime() + 26 * 3_600_000);
  await changeStackSettings(t.owner, { serverId, settings: { ipFamilies: "prefer-ipv4" } });
  expect(await run(60_000)).toEqual([]);
  expect(await run(180_000)).toEqual([serverId]);
});
