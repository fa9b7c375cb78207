import { expect, test } from "vitest";
import { planZoneImport, renderZoneFile, type ZoneToImportInto } from "./index.ts";

const zone: ZoneToImportInto = {
  name: "a.example",
  nameServers: [
    { name: "ns1.a.example", addresses: ["192.0.2.53"] },
    { name: "ns2.b.example", addresses: ["198.51.100.53"] },
  ],
  records: [],
  keys: [],
};
const linesOf = ({ take }: ReturnType<typeof planZoneImport>) =>
  take.map(({ name, type, ttlSeconds, value }) => `${name} ${ttlSeconds} ${type} ${value}`);

test("everything that a zone may hold is taken, also what only few zones do", () => {
  const text = `$TTL 300
@ HTTPS 1 . alpn="h2,h3" IPv4Hint=192.0.2.1,192.0.2.2 key7="/dns-query"
_8443._https SVCB 0 Svc.Other.Example.
@ NAPTR 100 10 U "E2U+sip" "!^(.*)$!sip:\\\\\\\\1@a.example!" .
@ NAPTR 100 20 "s" "SIP+D2U" "" _sip._udp
key._openpgpkey OPENPGPKEY ( mQINBF
  aaBB== )
_smimecert SMIMEA 3 0 0 3082 01FF
odd TYPE65280 \\# 4 0A0B 0C0D
loc TYPE29 \\# 0
u TXT "\\195\\188" ; a letter
`;
  const plan = planZoneImport(text, zone);
  expect(plan.notes).toEqual([]);
  expect(linesOf(plan)).toEqual([
    "a.example 300 HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1,192.0.2.2 key7=/dns-query",
    "_8443._https.a.example 300 SVCB 0 svc.other.example",
    String.raw`a.example 300 NAPTR 100 10 "U" "E2U+sip" "!^(.*)$!sip:\\\\1@a.example!" .`,
    'a.example 300 NAPTR 100 20 "s" "SIP+D2U" "" _sip._udp.a.example',
    "key._openpgpkey.a.example 300 OPENPGPKEY mQINBFaaBB==",
    "_smimecert.a.example 300 SMIMEA 3 0 0 308201ff",
    "odd.a.example 300 TYPE65280 \\# 4 0a0b0c0d",
    "loc.a.example 300 TYPE29 \\# 0",
    "u.a.example 300 TXT ü",
  ]);
  const rendered = renderZoneFile({ ...zone, serial: 1, records: plan.take });
  expect(rendered).toContain("_8443._https.a.example. 300 IN SVCB 0 svc.other.example.\n");
  expect(rendered).toContain('300 IN NAPTR 100 20 "s" "SIP+D2U" "" _sip._udp.a.example.\n');
  expect(rendered).toContain("300 IN HTTPS 1 . alpn=h2,h3 ");
  // What is written out is taken in again as it was.
  const again = planZoneImport(rendered, zone);
  expect(linesOf(again).sort()).toEqual(linesOf(plan).sort());
  expect(again.notes.every(({ what }) => what === "kept")).toBe(true);
});

test("each line that is left out or changed is told with the reason, and the rest is taken", () => {
  const text = `$TTL 30
@ SOA old. admin. 1 2 3 4 5
@ NS old.example.
ns1 A 203.0.113.9
www 999999 A 192.0.2.1
broken A 192.0.2.999
loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
www.other.example. 300 A 192.0.2.1
@ 300 HTTPS 1 . ohttp
alias 300 CNAME www
alias 300 TXT beside
good 300 TXT "taken"
`;
  const plan = planZoneImport(text, zone);
  expect(linesOf(plan)).toEqual([
    "www.a.example 86400 A 192.0.2.1",
    "alias.a.example 300 CNAME www.a.example",
    "good.a.example 300 TXT taken",
  ]);
  expect(plan.notes.map(({ line, what, record }) => [line, what, record])).toEqual([
    [2, "kept", "a.example SOA"],
    [3, "kept", "a.example NS"],
    [4, "kept", "ns1.a.example A"],
    [5, "changed", "www.a.example A"],
    [6, "left-out", null],
    [7, "left-out", "loc.a.example LOC"],
    [8, "left-out", "www.other.example A"],
    [9, "left-out", "a.example HTTPS"],
    [11, "left-out", "alias.a.example TXT"],
  ]);
  const sentences = plan.notes.map(({ sentence }) => sentence ?? "");
  expect(sentences[3]).toBe(
    "Its time to live becomes 86400 s instead of 999999 s: a zone that is hosted here has none over 86400 s.",
  );
  expect(sentences[4]).toMatch(/is no IPv4 address/);
  expect(sentences[5]).toMatch(/^Records of this type are not hosted here/);
  expect(sentences[6]).toMatch(/does not lie in the zone/);
  expect(sentences[7]).toMatch(/write it by its number/);
  expect(sentences[8]).toMatch(/beside an alias nothing else may stand/);
});

test("nothing comes beside the DKIM key of a domain", () => {
  const keys = [{ name: "s._domainkey.a.example", value: "v=DKIM1; p=AA" }];
  const plan = planZoneImport('s._domainkey 300 TXT "v=DKIM1; p=BB"', { ...zone, keys });
  expect(plan.take).toEqual([]);
  expect(plan.notes).toMatchObject(
    [{ line: 1, what: "left-out", sentence: /signatures fail/ }].map((note) => ({
      ...note,
      sentence: expect.stringMatching(note.sentence),
    })),
  );
});

test("records that need a delegation are taken with it, in whatever order they stand", () => {
  const text = "dept 300 DS 12345 13 2 aabb\ndept 300 NS ns.other.example.\n";
  expect(linesOf(planZoneImport(text, zone))).toHaveLength(2);
});

test.each([
  ["HTTPS", "1 . alpn=h2 alpn=h3", /twice/],
  ["HTTPS", "1 . port=99999", /no value of port/],
  ["HTTPS", "0 a.example alpn=h2", /has no parameters/],
  ["HTTPS", "1 . no-default-alpn", /needs alpn/],
  ["HTTPS", "1 . mandatory=port", /not among the parameters/],
  ["HTTPS", "1 . key7=a;b", /no value of key7/],
  ["HTTPS", "x", /in the form of/],
  ["NAPTR", '1 1 "u" "x" "!a!b!" a.example', /exclude each other/],
  ["NAPTR", '1 1 "u" "x\\9" "" .', /in the form of/],
  ["NAPTR", '1 70000 "u" "x" "" .', /in the form of/],
  ["TYPE65280", "\\# 3 0a0b", /in the form of/],
  ["TYPE1", "\\# 4 c0000201", /not hosted here/],
  ["TYPE46", "\\# 1 00", /not hosted here/],
  ["TYPE252", "\\# 1 00", /not hosted here/],
  ["OPENPGPKEY", "not base64!", /no key in base64/],
])("%s %s is left out with a sentence", (type, value, sentence) => {
  const { take, notes } = planZoneImport(`@ 300 ${type} ${value.replace(";", "\\;")}`, zone);
  expect(take).toEqual([]);
  expect(notes).toMatchObject([{ what: "left-out", sentence: expect.stringMatching(sentence) }]);
});
