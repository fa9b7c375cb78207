import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { OutsideSources } from "../context/index.ts";
import { DnsView } from "./dns-view.ts";
import { inspectRegisters, type SeenRegistration } from "./inspect-registers.ts";
import { TestNameServer } from "./name-server.fixture.ts";

const now = new Date("2026-11-29T12:00:00Z");
const dns = new TestNameServer("127.0.0.1");
/** A register that speaks RDAP as RFC 9083 shows it. */
let entries: Record<string, object>;
let say: ((response: ServerResponse) => void) | null;
let asked: string[];
const register = createServer((request, response) => {
  asked.push(request.url ?? "");
  if (say !== null) return say(response);
  // A service that only knows who is in charge leads there (RFC 7484).
  const [, away] = /^\/away(\/domain\/.*)$/.exec(request.url ?? "") ?? [];
  if (away !== undefined) return response.writeHead(302, { location: away }).end();
  const entry = entries[(request.url ?? "").replace("/domain/", "")];
  response.writeHead(entry === undefined ? 404 : 200, { "content-type": "application/rdap+json" });
  response.end(JSON.stringify(entry ?? { errorCode: 404 }));
});
let resolver: ConstructorParameters<typeof DnsView>[0];
let url = "";

beforeAll(async () => {
  const port = await dns.start();
  resolver = { address: "127.0.0.1", port, authorityPort: port };
  await new Promise<void>((resolve) => register.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(register.address() as AddressInfo).port}`;
});
afterAll(() => {
  dns.stop();
  register.close();
});

const entry = (expires: string, ...status: string[]) => ({
  objectClassName: "domain",
  ldhName: "A.EXAMPLE",
  status,
  events: [
    { eventAction: "registration", eventDate: "2010-01-01T00:00:00Z" },
    { eventAction: "expiration", eventDate: expires },
  ],
});
beforeEach(() => {
  asked = [];
  say = null;
  entries = { "a.example": entry("2027-11-29T00:00:00Z", "active", "client transfer prohibited") };
  dns.publish(...listTest);
});

const listTest = ["test.dbl.list.example A 127.0.1.2"];
const inspect = (domain = "a.example", before: SeenRegistration | null = null, rdapUrl = url) =>
  inspectRegisters(domain, {
    view: new DnsView(resolver),
    now,
    before,
    sources: { rdapUrl, blockLists: { zen: "zen.list.example", dbl: "dbl.list.example" } },
  });
const kinds = async (...args: Parameters<typeof inspect>) =>
  (await inspect(...args)).findings.map(({ kind, severity }) => `${kind} ${severity}`);

test("a domain that is registered for long, locked and on no list has no finding", async () => {
  expect(await inspect()).toMatchObject({ findings: [], unasked: [] });
});

test.each<[string, object, string[]]>([
  [
    "ends in three weeks",
    entry("2026-12-20T00:00:00Z", "client transfer prohibited"),
    ["domain-expiring warning"],
  ],
  ["ends this week", entry("2026-12-02T00:00:00Z", "locked"), ["domain-expiring error"]],
  [
    "has ended",
    entry("2026-11-01T00:00:00Z", "locked", "redemption period"),
    ["domain-expiring error", "domain-on-hold error"],
  ],
  ["can be moved away", entry("2027-11-29T00:00:00Z", "active"), ["domain-unlocked instruction"]],
  ["has no status that a register tells", entry("2027-11-29T00:00:00Z"), []],
])("a domain that %s is told of", async (_what, changed, expected) => {
  entries = { "a.example": changed };
  expect(await kinds()).toEqual(expected);
});

test("a name below a registered one is judged by that, and redirects to the register in charge are followed", async () => {
  entries = { "a.example": entry("2026-12-20T00:00:00Z", "locked") };
  expect((await inspect("mail.a.example", null, `${url}/away`)).findings).toMatchObject([
    { kind: "domain-expiring", about: "a.example" },
  ]);
});

test("what a register said is not asked again on the same day", async () => {
  const { seen } = await inspect();
  expect(seen).toMatchObject({ registration: { name: "a.example" } });
  asked = [];
  await inspect("a.example", seen);
  expect(asked).toEqual([]);
  await inspect("a.example", { ...seen, askedAt: "2026-11-28T12:00:00Z" } as SeenRegistration);
  expect(asked).toEqual(["/domain/a.example"]);
});

test.each<[string, (response: ServerResponse) => void]>([
  ["429", (response) => response.writeHead(429).end()],
  ["500", (response) => response.writeHead(500).end("broken")],
  ["no JSON", (response) => response.end("<html>")],
  ["another thing", (response) => response.end('{"status":"fine"}')],
  ["nothing", (response) => response.destroy()],
])("a register that answers %s says nothing of the domain", async (_what, answer) => {
  say = answer;
  const { findings, unasked } = await inspect();
  expect(findings).toEqual([]);
  expect(unasked).toContain("domain-expiring");
});

test("a domain on the block list is found", async () => {
  dns.publish(...listTest, "a.example.dbl.list.example A 127.0.1.2");
  expect(await kinds()).toEqual(["domain-block-listed error"]);
});

test("a list that refuses to answer, or fails its own test, is believed in nothing", async () => {
  dns.publish("a.example.dbl.list.example A 127.0.1.2");
  expect(await kinds()).toEqual(["block-list-silent instruction"]);
  dns.publish("*.dbl.list.example A 127.255.255.254");
  const { findings, unasked } = await inspect();
  expect(findings.map(({ kind }) => kind)).toEqual(["block-list-silent"]);
  expect(unasked).toEqual(["domain-block-listed a.example dbl"]);
});

const lists = {
  dbl: "dbl.list.example",
  surbl: "surbl.list.example",
  spamcop: "spamcop.list.example",
};
const inspectLists = (change: Partial<Parameters<typeof inspectRegisters>[1]> = {}) => {
  const sources: OutsideSources = { blockLists: lists };
  return inspectRegisters("a.example", {
    view: new DnsView(resolver),
    now,
    before: null,
    sources,
    ...change,
  });
};

test("each list that is named says something of its own, and one that is away keeps none of the others from it", async () => {
  dns.publish(
    "test.dbl.list.example A 127.255.255.254",
    "surbl-org-permanent-test-point.com.surbl.list.example A 127.0.0.254",
    "a.example.surbl.list.example A 127.0.0.64",
  );
  const { findings, unasked } = await inspectLists();
  expect(findings.map(({ kind, about }) => `${kind} ${about}`)).toEqual([
    "domain-block-listed a.example surbl",
    "block-list-silent Spamhaus DBL",
  ]);
  expect(unasked).toEqual(["domain-block-listed a.example dbl"]);
});

test("a list that was asked a moment ago is not asked again, and one that refused is left alone as well", async () => {
  dns.publish("*.dbl.list.example A 127.255.255.254");
  const { listings } = await inspectLists();
  dns.asked.length = 0;
  const soon = new Date(now.getTime() + 60_000);
  expect((await inspectLists({ now: soon, listingsBefore: listings })).listings).toEqual(listings);
  expect(dns.asked).toEqual([]);
  dns.publish(...listTest);
  const later = new Date(now.getTime() + 3_600_000);
  const { listings: anew } = await inspectLists({ now: later, listingsBefore: listings });
  expect(anew[0]).toMatchObject({ list: "dbl", listing: { kind: "clear" } });
});

test("nothing is asked of registers that this installation does not name", async () => {
  await inspectRegisters("a.example", { view: new DnsView(resolver), now, before: null, sources: {} });
  expect(asked).toEqual([]);
});
