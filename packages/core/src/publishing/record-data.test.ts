import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalValue, recordData, valueOfData } from "./record-data.ts";

it.each([
  ["MX", "010 Mail.A.example.", "10 mail.a.example"],
  ["MX", "0 .", "0 ."],
  ["CNAME", "A.example.", "a.example"],
  ["SRV", "0 1 993 Mail.a.example.", "0 1 993 mail.a.example"],
  ["AAAA", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["AAAA", "2001:db8:0:1:0:0:0:0", "2001:db8:0:1::"],
  ["CAA", "0 Issue ca.example", '0 issue "ca.example"'],
  ["TLSA", "3 1 1 AB CD", "3 1 1 abcd"],
  ["TXT", " as it is ", " as it is "],
])("%s %s is compared as %s", (type, written, canonical) => {
  expect(canonicalValue(type, written)).toBe(canonical);
});

it.each([
  ["TXT", 'a "quoted" \\ text', '"a \\"quoted\\" \\\\ text"'],
  ["TXT", "é", '"\\195\\169"'],
  ["MX", "10 mail.a.example", "10 mail.a.example."],
  ["MX", "0 .", "0 ."],
  ["SRV", "0 0 0 .", "0 0 0 ."],
])("%s %s is written as %s", (type, value, data) => {
  expect(recordData(type, value)).toBe(data);
});

it.each(['v=spf1 "" -all', '"v=spf1 " "-all"', "v=spf1\\032-all", '"v=spf1 -all"'])(
  "%s is a text",
  (data) => {
    expect(valueOfData("TXT", data)).toContain("v=spf1");
  },
);

it("strings of a TXT are joined without anything between them", () => {
  expect(valueOfData("TXT", '"v=spf1 " "-all"')).toBe("v=spf1 -all");
});

it("any text survives being written and read, in strings that a server takes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 600 }), (text) => {
      const data = recordData("TXT", text.toWellFormed());
      expect(valueOfData("TXT", data)).toBe(text.toWellFormed());
      for (const [, string = ""] of data.matchAll(/"((?:[^"\\]|\\.)*)"/g))
        expect(string.replace(/\\\d{3}|\\./g, "x").length).toBeLessThanOrEqual(255);
    }),
  );
});
