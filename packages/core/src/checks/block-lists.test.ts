import { expect, test } from "vitest";
import { type BlockList, blockListNames, rulesOf } from "./block-list-rules.ts";
import {
  ipv6Network,
  judgeListings,
  listedName,
  listProofs,
  listsSubject,
  readListing,
  subjectsOfAddress,
} from "./block-lists.ts";

const found = (...values: string[]) => ({ kind: "found", values }) as const;

test.each(["127.255.255.252", "127.255.255.254", "127.255.255.255", "127.255.255.1"])(
  "the return code %s is never a listing",
  (code) => {
    for (const list of blockListNames) {
      expect(readListing(list, found(code)).kind).toBe("unknown");
      // A refusal beside a listing is no listing either: the list did not want to answer.
      expect(readListing(list, found("127.0.0.2", code)).kind).toBe("unknown");
    }
  },
);

test.each([
  ["zen", "127.0.0.2", "SBL"],
  ["zen", "127.0.0.3", "CSS"],
  ["zen", "127.0.0.4", "XBL"],
  ["zen", "127.0.0.9", "DROP"],
  ["zen", "127.0.0.11", "PBL"],
  ["zen", "127.0.0.20", "AuthBL"],
  ["dbl", "127.0.1.2", "low reputation"],
  ["dbl", "127.0.1.105", "malware"],
] as const)("%s answers %s for what it lists", (list, code, name) => {
  const listing = readListing(list, found(code));
  expect(listing).toMatchObject({ kind: "listed", codes: [code] });
  expect(judgeListings([{ list, subject: "x", listing }])[0]).toMatchObject({ severity: "error" });
  expect(listing.kind === "listed" && listing.names[0]).toContain(name);
});

test.each<[BlockList, string, string | null]>([
  ["surbl", "127.0.0.72", "PH, phishing; ABUSE, spam"],
  ["surbl", "127.0.0.1", null],
  ["uribl", "127.0.0.2", "black"],
  ["uribl", "127.0.0.1", null],
  ["mailspike", "127.0.0.10", "worst reputation"],
  ["hostkarma", "127.0.0.2", "black"],
  ["spamcop", "127.0.0.2", "spam sources"],
  ["spamcop", "127.0.0.1", null],
  ["dronebl", "127.0.0.9", "hacked computers and open proxies"],
])("%s answers %s, which is read as its owner means it", (list, code, names) => {
  const listing = readListing(list, found(code));
  expect(listing.kind === "listed" ? listing.names.join("; ") : null).toBe(names);
  if (names === null) expect(listing.kind).toBe("unknown");
});

test("a good word of a list is no listing", () => {
  expect(readListing("mailspike", found("127.0.0.18"))).toEqual({ kind: "clear" });
  expect(readListing("hostkarma", found("127.0.0.1"))).toEqual({ kind: "clear" });
});

test("what a listing does to mail weighs as much as the list", () => {
  const severityOn = (list: BlockList) =>
    judgeListings([{ list, subject: "x", listing: { kind: "listed", codes: [], names: [] } }])[0]?.severity;
  expect(severityOn("barracuda")).toBe("error");
  expect(severityOn("psbl")).toBe("warning");
  expect(severityOn("uceprotect-3")).toBe("instruction");
});

test("every list has a test of its own, a place to ask for removal, and entries of some kind", () => {
  for (const list of blockListNames) {
    const { listed, clear } = listProofs(list);
    for (const subject of [listed, ...clear]) expect(listsSubject(list, subject)).toBe(true);
    expect(rulesOf(list).removalUrl).toMatch(/^https:/);
  }
  expect(listsSubject("spamcop", "2001:db8::1")).toBe(false);
  expect(listsSubject("spameatingmonkey-ipv6", "2001:db8::1")).toBe(true);
  expect(listsSubject("zen", "a.example")).toBe(false);
});

test("an IPv6 address is asked for with its network", () => {
  expect(subjectsOfAddress("198.51.100.7")).toEqual(["198.51.100.7"]);
  expect(subjectsOfAddress("2001:db8:51::b")).toEqual(["2001:db8:51::b", "2001:db8:51::/64"]);
  expect(ipv6Network("2001:db8:0:7:1:2:3:4")).toBe("2001:db8:0:7::/64");
  expect(ipv6Network("2001:db8::1")).toBe("2001:db8::/64");
  expect(listedName("2001:db8:0:7::/64", "zen.example")).toBe(
    "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.7.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen.example",
  );
});

test("a listed network is told of once, with the address of ours in it or by itself", () => {
  const listed = { kind: "listed", codes: ["127.0.0.3"], names: ["CSS"] } as const;
  const network = { list: "zen", subject: "2001:db8::/64", listing: listed } as const;
  const address = { list: "zen", subject: "2001:db8::b" } as const;
  const both = judgeListings([{ ...address, listing: listed }, network]);
  expect(both).toMatchObject([{ severity: "error", about: "2001:db8::b zen" }]);
  expect(both[0]?.sentence).toContain("the whole network 2001:db8::/64");
  expect(judgeListings([{ ...address, listing: { kind: "clear" } }, network])).toMatchObject([
    { severity: "warning", about: "2001:db8::/64 zen", fix: expect.stringContaining("a /64 of your own") },
  ]);
});

test("no such name is clear; silence, strange addresses and unknown codes are unknown", () => {
  expect(readListing("zen", { kind: "none" })).toEqual({ kind: "clear" });
  expect(readListing("zen", { kind: "failed", problem: "no answer" }).kind).toBe("unknown");
  expect(readListing("zen", found("198.51.100.1")).kind).toBe("unknown");
  expect(readListing("dbl", found("127.0.1.255")).kind).toBe("unknown");
  expect(readListing("zen", found("127.0.0.77")).kind).toBe("unknown");
});

test("an address is asked for backwards, and a domain as it is", () => {
  expect(listedName("198.51.100.7", "zen.example")).toBe("7.100.51.198.zen.example");
  expect(listedName("2001:db8::1", "zen.example")).toBe(
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen.example",
  );
  expect(listedName("a.example", "dbl.example")).toBe("a.example.dbl.example");
});

test("what nobody could say is one finding a list, without a listing", () => {
  const listing = { kind: "unknown", problem: "no answer" } as const;
  const subjects = ["198.51.100.7", "198.51.100.8"].map((subject) => ({
    list: "zen" as const,
    subject,
    listing,
  }));
  expect(judgeListings(subjects).map(({ kind, severity }) => `${kind} ${severity}`)).toEqual([
    "block-list-silent instruction",
  ]);
});
