import { judgeListings } from "@mailstead/core/checks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DnsView } from "../dns/index.ts";
import { makeNameServer } from "../dns/name-server.testing.ts";
import { inspectHost } from "./inspect-host.ts";

const dns = makeNameServer("127.0.0.1");
let resolver: ConstructorParameters<typeof DnsView>[0];

beforeAll(async () => {
  const port = await dns.start();
  resolver = { address: "127.0.0.1", port, authorityPort: port };
});
afterAll(() => dns.stop());

const zones = { zen: "zen.list.example", spamcop: "spamcop.list.example" };
const alive = ["2.0.0.127.zen.list.example A 127.0.0.2", "2.0.0.127.spamcop.list.example A 127.0.0.2"];
const nibbles = "0.0.0.0.1.5.0.0.8.b.d.0.1.0.0.2";

/** Only its names are looked at: nothing stands at the addresses of documentation. */
async function listingsNow() {
  const { listings } = await inspectHost(
    {
      hostname: "mail1.msp.example",
      addresses: ["198.51.100.7", "2001:db8:51::b"],
      ipFamilies: "dual",
      hasMail: false,
      domains: [],
      web: null,
      inside: null,
    },
    {
      view: new DnsView(resolver),
      now: new Date("2026-11-29T12:00:00Z"),
      looking: { listensOn: (port) => port, probeName: "control.example" },
      sources: { blockLists: zones },
    },
  );
  return judgeListings(listings).map(({ kind, severity, about }) => `${kind} ${severity} ${about}`);
}

test("addresses that are on no list have no finding", async () => {
  dns.publish(...alive);
  expect(await listingsNow()).toEqual([]);
});

test("an address is found on each list by itself, and an IPv6 address by its network too", async () => {
  dns.publish(
    ...alive,
    "7.100.51.198.zen.list.example A 127.0.0.4",
    "7.100.51.198.spamcop.list.example A 127.0.0.2",
    `0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.${nibbles}.zen.list.example A 127.0.0.3`,
  );
  expect((await listingsNow()).sort()).toEqual([
    "block-listed error 198.51.100.7 spamcop",
    "block-listed error 198.51.100.7 zen",
    "block-listed warning 2001:db8:51::/64 zen",
  ]);
});

test("a list that has an entry for everybody is believed in nothing", async () => {
  dns.publish(...alive.slice(0, 1), "*.spamcop.list.example A 127.0.0.2");
  expect(await listingsNow()).toEqual(["block-list-silent instruction SpamCop"]);
});
