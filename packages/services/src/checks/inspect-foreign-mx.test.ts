import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { DnsMemory, DnsView } from "../dns/index.ts";
import { makeNameServer } from "../dns/name-server.testing.ts";
import { testAuthority } from "../testing/test-certificates.ts";
import { inspectForeignMx, type MeetingMailHosts } from "./inspect-foreign-mx.ts";
import { TestMailHost } from "./mail-host.testing.ts";

const dns = makeNameServer("127.0.0.1");
const host = new TestMailHost();
let resolver: ConstructorParameters<typeof DnsView>[0];
let listensOn = 0;

beforeAll(async () => {
  const port = await dns.start();
  resolver = { address: "127.0.0.1", port, authorityPort: port };
  ({ smtp: listensOn } = await host.start("127.0.0.28"));
});
afterAll(() => {
  dns.stop();
  host.stop();
});

// The certificate of the tests is for this name.
const name = "mail1.msp.example";
const mx = ["a.example MX 10 mail.a.example", `a.example MX 20 ${name}`];
const address = `${name} A 127.0.0.28`;
const reverse = `28.0.0.127.in-addr.arpa PTR ${name}`;

beforeEach(() => {
  host.offersTls = true;
  host.said.length = 0;
  dns.publish(...mx, address, reverse);
});

function look({
  view = new DnsView(resolver),
  canReach = true,
  domain = "a.example",
  ...meeting
}: { view?: DnsView; canReach?: boolean; domain?: string } & Partial<MeetingMailHosts> = {}) {
  return inspectForeignMx(domain, {
    view,
    now: new Date("2026-11-29T12:00:00Z"),
    ours: ["mail.a.example"],
    meeting: {
      probeName: "control.example",
      listensOn,
      ca: testAuthority,
      isAllowed: () => true,
      ...meeting,
    },
    canReachPort25: async () => canReach,
  });
}
/** Beside that the host of the tests has IPv4 alone, which a test of its own shows. */
const beside = ({ kind }: { kind: string }) => kind !== "mx-host-ipv6";
const kindsOf = async (...args: Parameters<typeof look>) =>
  (await look(...args)).findings
    .filter(beside)
    .map(({ kind, severity, about }) => `${kind} ${severity} ${about}`);

test("a host of somebody else that takes mail has no finding, and is asked for nothing but TLS", async () => {
  expect(await kindsOf()).toEqual([]);
  // The goodbye may still be on its way.
  const asked = host.said.filter((line) => line !== "QUIT");
  expect(asked).toEqual(["EHLO control.example", "STARTTLS", "EHLO control.example"]);
});

test("a host without IPv6 is advice for its owner, and one that has it is met by both families", async () => {
  expect(await look()).toMatchObject({
    findings: [{ kind: "mx-host-ipv6", severity: "instruction", about: name }],
    unasked: [],
  });
  dns.publish(...mx, address, reverse, `${name} AAAA ::ffff:127.0.0.28`);
  expect((await look()).findings.map(({ kind }) => kind)).not.toContain("mx-host-ipv6");
});

test("of a host with several addresses the same is met each time, in whatever order the DNS gives them", async () => {
  const addresses = ["127.0.0.28", "127.0.0.99", "127.0.0.101"].map((one) => `${name} A ${one}`);
  const met: string[][] = [];
  for (const lines of [addresses, [...addresses].reverse()]) {
    dns.publish(...mx, ...lines);
    met.push((await look({ listensOn: 1 })).findings.map(({ sentence }) => sentence));
  }
  expect(met[0]).toEqual(met[1]);
});

test("a host whose address is another today has the finding of yesterday", async () => {
  dns.publish(...mx, `${name} A 127.0.0.98`);
  const before = await kindsOf({ listensOn: 1 });
  dns.publish(...mx, `${name} A 127.0.0.99`);
  expect(await kindsOf({ listensOn: 1 })).toEqual(before);
});

test("hosts of ours are left to the check of the server", async () => {
  dns.publish("a.example MX 10 mail.a.example");
  expect(await look()).toEqual({ findings: [], unasked: [] });
});

test("a host without TLS is found, and so is one whose certificate is another's or nobody's", async () => {
  host.offersTls = false;
  expect(await kindsOf()).toEqual([`mx-host-tls warning ${name} IPv4`]);
  host.offersTls = true;
  dns.publish(
    "a.example MX 20 mx.b.example",
    "mx.b.example A 127.0.0.28",
    "28.0.0.127.in-addr.arpa PTR mx.b.example",
  );
  expect(await kindsOf()).toEqual(["mx-host-certificate instruction mx.b.example IPv4"]);
});

test("a host whose address leads back to no name, or to one that does not lead there, is found", async () => {
  dns.publish(...mx, address);
  expect(await kindsOf()).toEqual([`mx-host-reverse instruction ${name} IPv4`]);
  dns.publish(...mx, address, "28.0.0.127.in-addr.arpa PTR other.b.example");
  expect(await kindsOf()).toEqual([`mx-host-reverse instruction ${name} IPv4`]);
});

test("a reverse name that nobody could be asked for again is neither right nor wrong", async () => {
  dns.publish(...mx, address, "28.0.0.127.in-addr.arpa PTR other.c.example");
  dns.bogusFor = "c.example";
  const { findings, unasked } = await look();
  dns.bogusFor = null;
  expect(findings.filter(beside)).toEqual([]);
  expect(unasked).toContain(`mx-host-reverse ${name} ipv4`);
});

test("a host that has no address, leads into our own network, or is an alias is found", async () => {
  dns.publish(...mx);
  expect(await kindsOf()).toEqual([`mx-host-unfound warning ${name}`]);
  dns.publish(...mx, address, reverse);
  expect(await kindsOf({ isAllowed: () => false })).toEqual([`mx-host-unfound warning ${name}`]);
  dns.publish("a.example MX 20 mx.b.example", `mx.b.example CNAME ${name}`, address, reverse);
  expect(await kindsOf()).toContain("mx-host-alias warning mx.b.example");
  const alias = (await look()).findings.find(({ kind }) => kind === "mx-host-alias");
  expect(alias?.record).toBe(`a.example. IN MX 20 ${name}.`);
});

test("a host that refuses is found", async () => {
  expect(await kindsOf({ listensOn: 1 })).toEqual([`mx-host-closed warning ${name} IPv4`]);
});

test("a host that turns this machine away says nothing of how it meets senders", async () => {
  host.turnsAway = true;
  const { findings, unasked } = await look();
  host.turnsAway = false;
  expect(findings.filter(beside)).toEqual([]);
  expect(unasked).toContain(`mx-host-tls ${name} ipv4`);
  expect(host.said.filter((line) => line.startsWith("EHLO"))).toEqual([]);
});

test("silence counts only where port 25 of somebody else was open to this machine", async () => {
  const port = { port: 25, kind: "silent", problem: "nothing answered within 10 s" } as const;
  const silent = {
    hostname: name,
    aliasOf: null,
    addresses: [
      {
        address: "203.0.113.9",
        reverseNames: [name],
        confirmedNames: [name],
        isReachableFromHere: true,
        ports: [port],
      },
    ],
  };
  const memory = new DnsMemory({ mailHosts: new Map([[name, Promise.resolve(silent)]]) });
  const view = new DnsView({ ...resolver, memory });
  const where = `${name} IPv4`;
  expect((await look({ view })).findings.filter(beside)).toMatchObject([
    { kind: "mx-host-closed", about: where },
  ]);
  const { findings, unasked } = await look({ view, canReach: false });
  expect(findings.filter(beside)).toEqual([]);
  expect(unasked).toContain(`mx-host-closed ${where}`.toLowerCase());
});

test("names that nobody could be asked for open and close nothing", async () => {
  dns.rcode = 2;
  const { findings, unasked } = await look();
  dns.rcode = 0;
  expect(findings).toEqual([]);
  expect(unasked).toContain("mx-host-closed");
});

test("a host that many domains name is met once", async () => {
  dns.publish(...mx, `b.example MX 10 ${name}`, address, reverse);
  let memory = new DnsMemory();
  for (const domain of ["a.example", "b.example"]) {
    expect(await kindsOf({ domain, view: new DnsView({ ...resolver, memory }) })).toEqual([]);
    memory = new DnsMemory(memory);
  }
  expect(host.said.filter((line) => line === "STARTTLS")).toHaveLength(1);
});
