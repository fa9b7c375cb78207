import { expect, test } from "vitest";
import { zoneFileOf, zoneLinesOf } from "./zone-file.ts";

const record = (name: string, publishedAt: "domain-dns" | "host-dns" | "address-provider") => ({
  name,
  publishedAt,
  zoneFileLine: `${name}. IN TXT "x"`,
});
const records = [
  record("a.example", "domain-dns"),
  record("mail.b.example", "host-dns"),
  record("mail.a.example", "host-dns"),
  record("nota.example", "host-dns"),
  record("1.2.0.192.in-addr.arpa", "address-provider"),
];

test("the file holds what the domain's zone can hold, and nothing else", () => {
  expect(zoneFileOf("a.example", records)).toBe(
    '$ORIGIN a.example.\na.example. IN TXT "x"\nmail.a.example. IN TXT "x"\n',
  );
});

test("what is copied holds the records of other zones too, set apart, but none of an address's provider", () => {
  expect(zoneLinesOf("a.example", records, { elsewhere: "In other zones" })).toBe(
    '$ORIGIN a.example.\na.example. IN TXT "x"\nmail.a.example. IN TXT "x"\n' +
      '; In other zones\nmail.b.example. IN TXT "x"\nnota.example. IN TXT "x"\n',
  );
});
