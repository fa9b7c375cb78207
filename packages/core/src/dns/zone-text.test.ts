import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planRecords } from "./plan-records.ts";
import { readZoneText, writeZoneText, type ZoneRecord, zoneTextLimits } from "./zone-text.ts";

const origin = "a.example";
const read = (text: string) => readZoneText(text, { origin });
const linesOf = (text: string) => {
  const { records, problems } = read(text);
  expect(problems).toEqual([]);
  return records.map(({ name, type, value }) => `${name} ${type} ${value}`);
};

describe("a zone in BIND's text form is read", () => {
  it("with everything that such a file may hold", () => {
    const { records, problems } = read(
      `; the zone of a customer
$TTL 1h
@       IN SOA ns1 hostmaster.a.example. ( 2026112801 ; serial
                7200 1h ; refresh and retry
                2w 300 )
        IN NS  ns1
        IN NS  ns2.b.example.
        5m IN MX 10 mx
        MX 20 mx.b.example.
ns1     A 192.0.2.1
        AAAA 2001:db8::1
$ORIGIN sub.a.example.
www 300 CNAME @
text    IN 60 TXT "one" " and \\"two\\" \\195\\188;" ; a comment
key._domainkey TXT ( "v=DKIM1; p=QU"
   "JD" )
_25._tcp TLSA 3 1 1 ABCD EF01
@ CAA 128 Issue "ca.example; x=y"
weird\\.label TXT bare
* TYPE65280 \\# 2 0a0b
`.replaceAll("\n", "\r\n"),
    );
    expect(problems).toEqual([]);
    expect(records.map((one) => `${one.name} ${one.ttlSeconds} ${one.type} ${one.value}`)).toEqual([
      "a.example 3600 SOA ns1.a.example hostmaster.a.example 2026112801 7200 1h 2w 300",
      "a.example 3600 NS ns1.a.example",
      "a.example 3600 NS ns2.b.example",
      "a.example 300 MX 10 mx.a.example",
      "a.example 3600 MX 20 mx.b.example",
      "ns1.a.example 3600 A 192.0.2.1",
      "ns1.a.example 3600 AAAA 2001:db8::1",
      "www.sub.a.example 300 CNAME sub.a.example",
      'text.sub.a.example 60 TXT one and "two" ü;',
      "key._domainkey.sub.a.example 3600 TXT v=DKIM1; p=QUJD",
      "_25._tcp.sub.a.example 3600 TLSA 3 1 1 abcdef01",
      'sub.a.example 3600 CAA 128 issue "ca.example; x=y"',
      "weird\\.label.sub.a.example 3600 TXT bare",
      "*.sub.a.example 3600 TYPE65280 \\# 2 0a0b",
    ]);
    expect(records.find(({ name }) => name.startsWith("text"))?.strings).toEqual(["one", ' and "two" ü;']);
  });

  it("without a time to live where none is said, and with the last one after that", () => {
    const ttls = read("a A 192.0.2.1\nb 60 A 192.0.2.2\nc A 192.0.2.3").records.map((one) => one.ttlSeconds);
    expect(ttls).toEqual([null, 60, 60]);
  });

  it("with the root, absolute names, and names that only look relative", () => {
    expect(linesOf("@ MX 0 .\n. NS ns.\nx.a.example CNAME a.example.")).toEqual([
      "a.example MX 0 .",
      ". NS ns",
      "x.a.example.a.example CNAME a.example",
    ]);
  });

  it("with a text whose strings end within a letter", () => {
    const { records } = read(String.raw`@ TXT "\195" "\188"`);
    expect(records).toEqual([{ name: origin, type: "TXT", ttlSeconds: null, value: "ü" }]);
  });
});

describe("what is wrong in a zone names its line, and the rest is read", () => {
  it.each<[string, string]>([
    ['x TXT "open', "not closed"],
    ['x TXT "a\\', "not closed"],
    ["x TXT a\\", "backslash"],
    [`x TXT "\\9"`, "three digits"],
    [`x TXT "\\256"`, "no octet"],
    [`x TXT "\\255"`, "not in UTF-8"],
    ["x TXT a\u0000b", "control character"],
    [`x TXT "${"a".repeat(256)}"`, "256 octets"],
    [`x TXT "${"ü".repeat(128)}"`, "256 octets"],
    ["x TXT", "no data"],
    ["x A 192.0.2.256", "no IPv4"],
    ["x A 2001:db8::1", "no IPv4"],
    ["x AAAA 192.0.2.1", "no IPv6"],
    ["x A 192.0.2.1 192.0.2.2", "no IPv4"],
    ["x MX mx", "1 part instead of 2"],
    ["x MX 65536 mx", "no number"],
    ["x MX -1 mx", "no number"],
    ["x SRV 0 0 mx", "3 parts instead of 4"],
    ["x CNAME a..b", "empty part"],
    [`x CNAME "quoted"`, "quotation marks"],
    [`${"l".repeat(64)} A 192.0.2.1`, "63 octets"],
    [`${"l.".repeat(126)}l A 192.0.2.1`, "255 octets"],
    ["x TLSA 3 1 1 xyz", "hexadecimal"],
    ["x CAA 300 issue y", "no CAA"],
    ["x CH TXT version", "class CH"],
    ["x IN", "no type"],
    ["x IN IN A 192.0.2.1", "no type of record"],
    ["x FOO bar", "no type of record"],
    ["x 99999999999 A 192.0.2.1", "no type of record"],
    ["x 2147483648 A 192.0.2.1", "longer than"],
    ["$INCLUDE /etc/passwd", "not followed"],
    ["$GENERATE 1-9999999 h$ A 192.0.2.$", "not followed"],
    ["$ORIGIN", "takes one word"],
    ["$TTL soon", "no time to live"],
    ["$WHAT x", "no directive"],
    ["x TXT a ) b", "never opened"],
    ["x TXT ( a ( b", "inside another"],
  ])("%j: %s", (line, problem) => {
    const { records, problems } = read(`ok A 192.0.2.1\n${line}\nalso A 192.0.2.2\n`);
    expect(problems).toEqual([{ line: 2, problem: expect.stringContaining(problem) }]);
    expect(records.map(({ name }) => name)).toEqual(["ok.a.example", "also.a.example"]);
  });

  it("a parenthesis that is never closed names where it opens", () => {
    expect(read("a A 192.0.2.1\nb TXT ( x\ny\nz").problems).toEqual([
      { line: 2, problem: expect.stringContaining("never closed") },
    ]);
  });

  it("a record without a name never lands under the name before one that is none", () => {
    const { records, problems } = read("ok A 192.0.2.1\na..b A 192.0.2.2\n  A 192.0.2.3");
    expect(records).toHaveLength(1);
    expect(problems.map(({ line }) => line)).toEqual([2, 3]);
    expect(read("  A 192.0.2.1").problems).toMatchObject([{ line: 1 }]);
  });
});

describe("a hostile zone costs little and is told", () => {
  it.each<[string, string, string]>([
    ["longer than any zone", "x".repeat(zoneTextLimits.characters + 1), "characters"],
    ["of too many records", "x A 192.0.2.1\n".repeat(zoneTextLimits.records + 5), "records"],
    ["of nothing but problems", "x FOO\n".repeat(5000), "too many problems"],
    [
      "of one endless line",
      `x TXT "${"a".repeat(zoneTextLimits.characters - 20)}"`,
      "longer than any record",
    ],
    ["of one endless word", "a".repeat(290_000), "octets"],
    ["of dots", ".".repeat(290_000), "empty part"],
    ["of backslashes", "\\".repeat(290_000), ""],
    ["of parentheses", "(".repeat(290_000), "inside another"],
    ["of strings", `x TXT (\n${`${"a ".repeat(1000)}\n`.repeat(900)})`, "too many problems"],
  ])("%s", (_title, text, problem) => {
    const begunAt = performance.now();
    const { problems } = read(text);
    expect(problems.at(-1)?.problem).toContain(problem);
    expect(problems.length).toBeLessThanOrEqual(zoneTextLimits.problems + 1);
    for (const one of problems) expect(one.problem.length).toBeLessThan(400);
    expect(performance.now() - begunAt).toBeLessThan(5000);
  });

  it("whatever it holds, reading ends without an error of ours", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "(",
        ")",
        '"',
        ";",
        "\\",
        "\n",
        " ",
        "@",
        "$TTL ",
        "$ORIGIN ",
        "IN ",
        "TXT ",
        "MX 1 ",
        "1h ",
      ),
      fc.string({ unit: "binary", maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const { records } = read(pieces.join(""));
        expect(read(writeZoneText(records, { origin })).problems).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a zone that is written and read again is the same", () => {
  const label = fc.stringMatching(/^[a-z0-9_]([a-z0-9-]{0,10}[a-z0-9])?$/);
  const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join("."));
  const ttlSeconds = fc.option(fc.integer({ min: 0, max: 2 ** 31 - 1 }));
  const port = fc.integer({ min: 0, max: 65_535 });
  const hex = fc.stringMatching(/^([0-9a-f]{2}){1,32}$/);
  const data = fc.oneof(
    fc
      .string({ unit: "binary", maxLength: 700 })
      .map((text) => ({ type: "TXT", value: text.toWellFormed() })),
    fc.tuple(port, name).map(([preference, host]) => ({ type: "MX", value: `${preference} ${host}` })),
    fc.tuple(port, port, name).map(([one, two, host]) => ({ type: "SRV", value: `0 ${one} ${two} ${host}` })),
    name.map((host) => ({ type: "CNAME", value: host })),
    fc.ipV4().map((address) => ({ type: "A", value: address })),
    hex.map((digest) => ({ type: "TLSA", value: `3 1 1 ${digest}` })),
    hex.map((digest) => ({ type: "SSHFP", value: `4 2 ${digest}` })),
    fc.constant({ type: "CAA", value: '0 issue "letsencrypt.org; validationmethods=http-01"' }),
    fc.constant({ type: "MX", value: "0 ." }),
  );
  const record = fc
    .record({ name, ttlSeconds, data })
    .map(({ data: { type, value }, ...rest }): ZoneRecord => ({ ...rest, type, value }));

  it("for any records", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (records) => {
        // A record without a time to live takes that of the one before it.
        let last: number | null = null;
        const expected = records.map((one) => {
          last = one.ttlSeconds ?? last;
          return { ...one, ttlSeconds: last };
        });
        const again = read(writeZoneText(records, { origin }));
        expect(again.records).toEqual(expected);
        expect(again.problems).toEqual([]);
        // The first line says the origin.
        expect(again.lines).toEqual(records.map((_, index) => index + 2));
      }),
    );
  });

  it("for a text that is divided in a way of its own", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 255 }), { minLength: 1, maxLength: 6 }), (strings) => {
        const one = { name: origin, type: "TXT", value: strings.join(""), ttlSeconds: null, strings };
        const { records } = read(writeZoneText([one], { origin }));
        expect(records[0]?.value).toBe(one.value);
        const again = read(writeZoneText(records, { origin }));
        expect(again.records).toEqual(records);
      }),
    );
  });

  it("for every planned record", () => {
    const planned = planRecords({
      domain: origin,
      servers: [
        {
          hostname: "mx.a.example",
          ipAddresses: ["192.0.2.1", "2001:db8::1"],
          serves: { web: true, calendars: true },
          tlsKeyDigests: ["ab".repeat(32)],
          sshHostKeys: [{ algorithm: "rsa", sha256: "cd".repeat(32) }],
          certificateAuthority: { issuer: "letsencrypt.org" },
        },
      ],
      dkimKeys: [{ domain: origin, selector: "s", algorithm: "rsa-2048", publicKey: "A".repeat(392) }],
      mtaSts: { mode: "enforce", maxAgeSeconds: 86_400 },
      namesWithoutMail: ["www.a.example"],
    });
    const { records, problems } = read(writeZoneText(planned, { origin }));
    expect(problems).toEqual([]);
    expect(records).toEqual(
      planned.map(({ name, type, value }) => ({ name, type, value, ttlSeconds: null })),
    );
  });

  it("and a value that would end its line is refused", () => {
    const evil = { name: origin, type: "CNAME", value: "x\nevil A 192.0.2.1" };
    expect(() => writeZoneText([evil], { origin })).toThrow("end its line");
  });
});
