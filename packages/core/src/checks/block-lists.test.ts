import { expect, test } from "vitest";
import { judgeListings, listedName, readListing } from "./block-lists.ts";

const found = (...values: string[]) => ({ kind: "found", values }) as const;

test.each(["127.255.255.252", "127.255.255.254", "127.255.255.255", "127.255.255.1"])(
  "the return code %s is never a listing",
  (code) => {
    for (const list of ["zen", "dbl"] as const) {
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
  ["dbl", "127.0.1.2", "low reputation"],
  ["dbl", "127.0.1.105", "malware"],
] as const)("%s answers %s for what it lists", (list, code, name) => {
  const listing = readListing(list, found(code));
  expect(listing).toMatchObject({ kind: "listed", codes: [code] });
  expect(judgeListings([{ list, subject: "x", listing }])[0]).toMatchObject({ severity: "error" });
  expect(listing.kind === "listed" && listing.names[0]).toContain(name);
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
