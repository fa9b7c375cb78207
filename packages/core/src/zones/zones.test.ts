import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldTypedRecord, planPublishing, type StandingRecord, zoneRecordSchema } from "./index.ts";

describe("what somebody types", () => {
  test.each([
    ["@", "mx", "10 Mail.Example.com.", "example.com", "10 mail.example.com"],
    ["www", "A", "198.51.100.1", "www.example.com", "198.51.100.1"],
    ["www.example.com", "AAAA", "2001:DB8::1", "www.example.com", "2001:db8::1"],
    ["www", "AAAA", "2001:0DB8:0:0:0:0:0:25", "www.example.com", "2001:db8::25"],
    ["WWW.Example.Com.", "cname", "@", "www.example.com", "example.com"],
    ["", "TXT", '"v=spf1 " "mx -all"', "example.com", "v=spf1 mx -all"],
    ["t", "TXT", 'say "hi"', "t.example.com", 'say "hi"'],
    [
      "_imaps._tcp",
      "SRV",
      "0  1 993 Mail.example.com.",
      "_imaps._tcp.example.com",
      "0 1 993 mail.example.com",
    ],
    ["_pop3._tcp", "SRV", "0 0 0 .", "_pop3._tcp.example.com", "0 0 0 ."],
    ["@", "CAA", "0 ISSUE letsencrypt.org", "example.com", '0 issue "letsencrypt.org"'],
    ["_25._tcp.mail", "TLSA", "3 1 1 ABCD EF01", "_25._tcp.mail.example.com", "3 1 1 abcdef01"],
    ["*.apps", "A", "198.51.100.1", "*.apps.example.com", "198.51.100.1"],
  ])("%s %s %s becomes a record", (name, type, value, foldedName, foldedValue) => {
    const folded = foldTypedRecord({ name, type, ttlSeconds: 300, value }, "example.com");
    expect(zoneRecordSchema.parse(folded)).toEqual({
      name: foldedName,
      type: type.toUpperCase(),
      ttlSeconds: 300,
      value: foldedValue,
    });
  });

  test.each([
    ["a b", "A", "198.51.100.1", /may hold only lower case letters/],
    ["www", "A", "198.51.100", /"198\.51\.100" is not an IPv4 address/],
    ["www", "AAAA", "198.51.100.1", /is not an IPv6 address/],
    ["@", "MX", "mail.example.com", /is not in the form of 10 mail\.example\.com/],
    ["@", "MX", "70000 mail.example.com", /is not in the form of/],
    ["www", "CNAME", "*.example.com", /leads to a wildcard/],
    ["@", "CAA", '0 issue "a\\" b"', /is not in the form of 0 issue/],
    ["@", "TXT", "two\nlines", /must be one line/],
    ["@", "TXT", "x".repeat(4001), /at most 4000 octets/],
    ["@", "SOA", "a b 1 2 3 4 5", /./],
    ["a.*", "A", "198.51.100.1", /may hold only/],
  ])("%s %s %j is refused with a sentence", (name, type, value, sentence) => {
    const folded = foldTypedRecord({ name, type, ttlSeconds: 300, value }, "example.com");
    const { error } = zoneRecordSchema.safeParse(folded);
    expect(error?.issues[0]?.message).toMatch(sentence);
  });

  test("folding twice changes nothing, whatever was typed", () => {
    const typed = fc.record({
      name: fc.string(),
      type: fc.constantFrom("A", "mx", "TXT", "Caa", "SRV", "TLSA"),
      ttlSeconds: fc.constant(300),
      value: fc.string(),
    });
    fc.assert(
      fc.property(typed, (record) => {
        const first = zoneRecordSchema.safeParse(foldTypedRecord(record, "example.com"));
        // A text that still looks like a quoted one was quoted twice, and stays what it was.
        if (!first.success || first.data.value.startsWith('"')) return;
        // A whole name elsewhere has lost the dot that said so; no zone takes it.
        if (!first.data.name.endsWith("example.com")) return;
        expect(foldTypedRecord(first.data, "example.com")).toEqual(first.data);
      }),
    );
  });
});

describe("publishing planned records", () => {
  const domainId = "domain";
  const row = (id: string, type: string, value: string, owner: string | null = null): StandingRecord =>
    ({ id, name: "example.com", type, value, domainId: owner }) as StandingRecord;
  const put = (type: string, value: string) => ({ name: "example.com", type: type as "TXT", value });

  test("what stands there already is left alone, whoever wrote it", () => {
    const standing = [row("1", "TXT", "v=spf1 mx -all"), row("2", "MX", "10 a.example", domainId)];
    const plan = planPublishing({
      domainId,
      standing,
      put: [put("TXT", "v=spf1 mx -all"), put("MX", "10 a.example")],
      withdraw: [],
    });
    expect(plan).toEqual({ add: [], removeIds: [], conflicts: [] });
  });

  test.each([
    ["SPF", "TXT", "v=spf1 include:other.example -all", put("TXT", "v=spf1 mx -all"), true],
    ["another text", "TXT", "google-site-verification=abc", put("TXT", "v=spf1 mx -all"), false],
    ["another MX", "MX", "10 elsewhere.example", put("MX", "10 a.example"), true],
    ["an alias", "CNAME", "elsewhere.example", put("TXT", "v=spf1 mx -all"), true],
    ["another CAA", "CAA", '0 issue "other.example"', put("CAA", '0 issue "letsencrypt.org"'), false],
  ])("%s of the people's own is never replaced", (_what, type, value, wanted, isConflict) => {
    const plan = planPublishing({ domainId, standing: [row("1", type, value)], put: [wanted], withdraw: [] });
    expect(plan.removeIds).toEqual([]);
    expect(plan.conflicts).toHaveLength(isConflict ? 1 : 0);
    expect(plan.add).toHaveLength(isConflict ? 0 : 1);
  });

  test("what was only planned yields to what people write later, and what was asked for stays", () => {
    const standing = [
      row("planned", "TXT", "v=spf1 mx -all", domainId),
      row("own", "TXT", "v=spf1 include:other.example -all"),
    ];
    const input = { domainId, standing, put: [put("TXT", "v=spf1 mx -all")], withdraw: [] };
    expect(planPublishing({ ...input, yieldingIds: ["planned"] })).toMatchObject({
      add: [],
      removeIds: ["planned"],
      conflicts: [{ standing: { id: "own" } }],
    });
    expect(planPublishing(input)).toEqual({ add: [], removeIds: [], conflicts: [] });
  });

  test("no other text comes beside the DKIM key of any domain", () => {
    const key = row("key", "TXT", "v=DKIM1; k=rsa; p=AA", "another");
    const plan = planPublishing({ domainId, standing: [key], put: [put("TXT", "proof")], withdraw: [] });
    expect(plan).toMatchObject({ add: [], removeIds: [], conflicts: [{ standing: { id: "key" } }] });
  });

  test("only what was planned for this domain is withdrawn, and a changed value takes the place of the old one", () => {
    const standing = [
      row("own", "TXT", "p=old"),
      row("ours", "A", "198.51.100.1", domainId),
      row("other", "A", "198.51.100.1", "another"),
    ];
    const plan = planPublishing({
      domainId,
      standing,
      put: [put("A", "198.51.100.2")],
      withdraw: [put("TXT", "p=old"), put("A", "198.51.100.1")],
    });
    expect(plan).toMatchObject({ add: [{ value: "198.51.100.2" }], removeIds: ["ours"], conflicts: [] });
  });
});
