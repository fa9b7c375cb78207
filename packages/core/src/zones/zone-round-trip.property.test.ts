import fc from "fast-check";
import { expect, test } from "vitest";
import { planZoneImport, renderZoneFile, type ZoneRecord, zoneRecordSchema } from "./index.ts";

const zone = {
  name: "a.example",
  nameServers: [
    { name: "ns1.a.example", addresses: ["192.0.2.53", "2001:db8::53"] },
    { name: "ns2.b.example", addresses: ["198.51.100.53"] },
  ],
};
const label = fc.stringMatching(/^[a-z0-9_]([a-z0-9-]{0,10}[a-z0-9])?$/);
const target = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
const uint16 = fc.integer({ min: 0, max: 65_535 });
const hex = fc.stringMatching(/^([0-9a-f]{2}){1,40}$/);
const data = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 600 }).map((value) => ["TXT", value]),
  fc
    .string({ unit: fc.constantFrom('"', "\\", ";", " ", "(", "@", "0", "ü"), minLength: 1, maxLength: 300 })
    .map((value) => ["TXT", value]),
  fc.stringMatching(/^[\x20\x21\x23-\x5b\x5d-\x7e]{0,40}$/).map((value) => ["CAA", `0 issue "${value}"`]),
  fc.tuple(uint16, target).map(([preference, host]) => ["MX", `${preference} ${host}`]),
  fc.constant(["MX", "0 ."]),
  fc.tuple(uint16, uint16, target).map(([one, two, host]) => ["SRV", `0 ${one} ${two} ${host}`]),
  target.map((host) => ["CNAME", host]),
  fc.ipV4().map((address) => ["A", address]),
  hex.map((digest) => ["TLSA", `3 1 1 ${digest}`]),
  hex.map((digest) => ["SSHFP", `4 2 ${digest}`]),
  fc.constant(["AAAA", "2001:db8::25"]),
  fc.constant(["HTTPS", "1 . alpn=h2,h3"]),
  fc.constant(["TYPE65280", "\\# 2 0a0b"]),
);
const record = fc
  .record({ label, isWildcard: fc.boolean(), ttlSeconds: fc.integer({ min: 60, max: 86_400 }), data })
  .map(({ data: [type, value], isWildcard, label: own, ttlSeconds }) =>
    zoneRecordSchema.safeParse({
      name: `${isWildcard ? "*." : ""}${own}.${zone.name}`,
      type,
      value,
      ttlSeconds,
    }),
  )
  .filter(({ success }) => success)
  .map(({ data: parsed }) => parsed as ZoneRecord);
const lineOf = ({ name, type, ttlSeconds, value }: ZoneRecord) => `${name} ${ttlSeconds} ${type} ${value}`;

test("a hosted zone that is downloaded and imported elsewhere is the same, whatever it holds", () => {
  // One record for each name, so that none stands beside an alias and each set has one time to live.
  const records = fc.uniqueArray(record, { maxLength: 12, selector: ({ name }) => name });
  fc.assert(
    fc.property(records, (all) => {
      const text = renderZoneFile({ ...zone, serial: 1, records: all });
      const { take, notes } = planZoneImport(text, { ...zone, records: [], keys: [] });
      expect(notes.filter(({ what }) => what !== "kept")).toEqual([]);
      expect(take.map(lineOf).sort()).toEqual(all.map(lineOf).sort());
    }),
    { numRuns: 300 },
  );
});
