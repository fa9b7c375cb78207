import { deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readArrivedMail } from "./read-arrived-mail.ts";
import { readReportFile } from "./read-report-file.ts";
import { reportLimits } from "./report-limits.ts";
import { makeZip } from "./zip.testing.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const record = (count: number, ip = "192.0.2.1") =>
  `<record><row><source_ip>${ip}</source_ip><count>${count}</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>a.example</header_from></identifiers></record>`;
const report = (records: string, before = '<?xml version="1.0"?>') =>
  `${before}<feedback><report_metadata><org_name>B</org_name><report_id>1</report_id><date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata><policy_published><domain>a.example</domain><p>none</p></policy_published>${records}</feedback>`;

async function readFile(bytes: Uint8Array, name = "b.example!a.example!1!2.xml") {
  return readReportFile({ name, bytes });
}

async function messagesIn(bytes: Uint8Array): Promise<{ messages: number; notes: number } | string> {
  const reading = await readFile(bytes);
  if (reading.kind !== "reports") return reading.kind === "refused" ? reading.why : "other";
  const [first] = reading.reports;
  if (first?.kind !== "dmarc-aggregate") return "not DMARC";
  return {
    messages: first.report.records.reduce((sum, { count }) => sum + count, 0),
    notes: first.notes.length,
  };
}

function mailWith(
  file: Uint8Array,
  { name = "r.xml.gz", type = "application/gzip", subject = "Report Domain: a.example" } = {},
) {
  const body = Buffer.from(file)
    .toString("base64")
    .replaceAll(/(.{76})/g, "$1\r\n");
  return bytesOf(
    `From: r@b.example\r\nTo: d@a.example\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\nContent-Type: ${type}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${body}\r\n`,
  );
}

describe("a report is read", () => {
  test.each([
    ["as it is", bytesOf(report(record(3)))],
    ["from gzip", gzipSync(report(record(3)))],
    [
      "from gzip between line breaks",
      Buffer.concat([bytesOf("\r\n"), gzipSync(report(record(3))), bytesOf("\r\n")]),
    ],
    ["from zip", makeZip([{ name: "r.xml", bytes: bytesOf(report(record(3))) }])],
    ["from zip in gzip", gzipSync(makeZip([{ name: "r.xml", bytes: bytesOf(report(record(3))) }]))],
    ["in UTF-16", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(report(record(3), ""), "utf16le")])],
    ["in capitals", bytesOf(report(record(3)).replaceAll(/<\/?[a-z_]+>/g, (tag) => tag.toUpperCase()))],
  ])("%s", async (_how, bytes) => {
    expect(await messagesIn(bytes)).toEqual({ messages: 3, notes: 0 });
  });

  test("but for a record that is broken, which is noted", async () => {
    const bad = record(5).replace("</row>", "");
    expect(await messagesIn(bytesOf(report(record(3) + bad + record(4, "2001:db8::1"))))).toEqual({
      messages: 7,
      notes: 1,
    });
    expect(await messagesIn(bytesOf(report(record(3) + record(1, "999.1.1.1") + record(-1))))).toEqual({
      messages: 4,
      notes: 2,
    });
  });

  test("with bytes that are no UTF-8 in a comment of a receiver", async () => {
    const [before, after] = report(record(3)).split("<org_name>B");
    const bytes = Buffer.concat([
      bytesOf(`${before}<org_name>B`),
      Buffer.from([0xe9, 0xff]),
      bytesOf(after ?? ""),
    ]);
    expect(await messagesIn(bytes)).toEqual({ messages: 3, notes: 0 });
  });

  test.each(["utf-16", "klingon", "x-user-defined", "iso-8859-1"])(
    "that says that it is in %s and is not",
    async (label) => {
      const said = `<?xml version="1.0" encoding="${label}"?>`;
      const bytes = bytesOf(report(record(3), said).replace("<org_name>B", "<org_name>Bäcker"));
      expect(await messagesIn(bytes)).toEqual({ messages: 3, notes: 0 });
      const mail = mailWith(gzipSync(bytes));
      expect((await readArrivedMail(mail)).kind).toBe("report");
    },
  );

  test("from the mail that carries it", async () => {
    expect(await readArrivedMail(mailWith(gzipSync(report(record(3)))))).toMatchObject({
      kind: "report",
      reports: [{ kind: "dmarc-aggregate", report: { policy: { domain: "a.example" } } }],
    });
  });
});

describe("what is made to harm is refused in a sentence", () => {
  const zeros = new Uint8Array(reportLimits.unpackedBytesMax + 1);
  test.each<[string, Uint8Array, RegExp]>([
    ["a gzip bomb", gzipSync(zeros), /larger than/],
    ["a zip bomb that tells its size", makeZip([{ name: "r.xml", bytes: zeros }]), /larger than/],
    [
      "a zip bomb that lies about its size",
      makeZip([{ name: "r.xml", bytes: zeros, claimedBytes: 10 }]),
      /larger than/,
    ],
    ["a bomb in a bomb", gzipSync(gzipSync(gzipSync(gzipSync("x")))), /archives inside archives/],
    [
      "a zip of many files",
      makeZip(
        Array.from({ length: reportLimits.archiveEntriesMax + 1 }, (_, at) => ({
          name: `${at}.xml`,
          bytes: bytesOf("<a/>"),
        })),
      ),
      /more than the/,
    ],
    [
      "a zip whose files are the same bytes again and again",
      makeZip(
        Array.from({ length: 16 }, (_, at) => ({
          name: `${at}.xml`,
          bytes: zeros.subarray(0, 2 * 1024 * 1024),
        })),
      ),
      /larger than/,
    ],
    [
      "an entity that names a file",
      bytesOf(
        report(record(1), '<?xml version="1.0"?><!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
      ),
      /document type/,
    ],
    [
      "entities that grow",
      bytesOf(report(record(1), '<!DOCTYPE f [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>')),
      /document type/,
    ],
    [
      "a document type in UTF-16",
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(report("", "<!DOCTYPE f>"), "utf16le")]),
      /document type/,
    ],
    ["nothing", new Uint8Array(), /empty/],
    [
      "binary junk called XML",
      Buffer.from(Array.from({ length: 4000 }, (_, at) => (at * 7919) % 256)),
      /neither XML nor JSON/,
    ],
    ["XML of something else", bytesOf("<html><body/></html>"), /no feedback/],
    ["JSON of something else", bytesOf('{"a": 1}'), /RFC 8460/],
    ["JSON of great depth", bytesOf('{"a":'.repeat(100_000)), /cannot be read/],
  ])("%s", async (_what, bytes, why) => {
    expect(await readFile(bytes)).toMatchObject({ kind: "refused", why: expect.stringMatching(why) });
  });

  test("a report of 100 MB, also where it packs into little", async () => {
    const records = record(1).repeat(Math.ceil((100 * 1024 * 1024) / record(1).length));
    const packed = gzipSync(report(records));
    expect(packed.byteLength).toBeLessThan(reportLimits.mailBytesMax);
    const refused = { kind: "refused", why: expect.stringMatching(/larger than the \d+ bytes/) };
    expect(await readFile(packed)).toMatchObject(refused);
    expect(await readArrivedMail(mailWith(packed))).toMatchObject(refused);
  });

  test("a mail of too many bytes", async () => {
    const mail = new Uint8Array(reportLimits.mailBytesMax + 1).fill(0x61);
    expect(await readArrivedMail(mail)).toMatchObject({
      kind: "refused",
      why: expect.stringMatching(/more than are read/),
    });
  });

  test("parts inside parts without end", async () => {
    const open = Array.from(
      { length: 200 },
      (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`,
    );
    expect(await readArrivedMail(bytesOf(open.join("")))).toMatchObject({ kind: "refused" });
  });

  test.each(["\n", "\r\n"])("a mail of very many small parts", async (end) => {
    const crumbs = `--b${end}${end}x${end}`.repeat(reportLimits.partingLinesMax + 1);
    const mail = `Content-Type: multipart/mixed; boundary=b${end}${end}${crumbs}--b--`;
    expect(await readArrivedMail(bytesOf(mail))).toMatchObject({
      kind: "refused",
      why: expect.stringMatching(/too many parts/),
    });
  });

  test("a mail whose report is a bomb, and not one whose attachment merely is an archive", async () => {
    expect((await readArrivedMail(mailWith(gzipSync(zeros)))).kind).toBe("refused");
    const backup = mailWith(gzipSync(zeros), { name: "backup.tar.gz", subject: "My files" });
    expect((await readArrivedMail(backup)).kind).toBe("other");
  });
});

describe("no bytes break it", () => {
  const samples: [string, Uint8Array][] = [
    ["gzip", gzipSync(report(record(3)))],
    ["zip", makeZip([{ name: "r.xml", bytes: bytesOf(report(record(3))) }])],
    ["XML", bytesOf(report(record(3) + record(4)))],
  ];
  test.each(samples)("%s cut at every byte is a report or refused", async (_form, bytes) => {
    for (let length = 0; length < bytes.byteLength; length += 1) {
      const { kind } = await readFile(bytes.subarray(0, length));
      expect(["reports", "refused"], String(length)).toContain(kind);
    }
  });

  test("a mail cut at every byte is something", async () => {
    const mail = mailWith(gzipSync(report(record(3))));
    for (let length = 0; length < mail.byteLength; length += 7) {
      expect((await readArrivedMail(mail.subarray(0, length))).kind).toBeTypeOf("string");
    }
  });

  test("a report that breaks off is read up to there, and says so", async () => {
    const whole = report(record(3) + record(4));
    expect(await messagesIn(bytesOf(whole.slice(0, whole.lastIndexOf("<count>"))))).toEqual({
      messages: 3,
      notes: 2,
    });
  });

  test("any bytes, alone or in a mail", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect((await readFile(bytes)).kind).toBeTypeOf("string");
        expect((await readArrivedMail(bytes)).kind).toBeTypeOf("string");
        expect((await readArrivedMail(mailWith(bytes))).kind).toBeTypeOf("string");
        const packed = makeZip([{ name: "r.xml", bytes }]);
        packed[bytes.length % packed.length] = 0xff;
        expect((await readFile(packed)).kind).toBeTypeOf("string");
      }),
    );
  });

  test("attributes, elements and depth without end take no time", async () => {
    const attributes = Array.from({ length: 100_000 }, (_, at) => `a${at}="x"`).join(" ");
    const shapes = [
      report(`<record ${attributes}>${record(1).slice(8)}`),
      report(record(1), `<x ${attributes}/>`),
      report(`<record>${"<a>".repeat(100_000)}</record>`),
      report("<record>".repeat(500_000)),
      report("<!--".repeat(500_000)),
      `${"<a>".repeat(1_000_000)}`,
      report(`<record><row><source_ip>${"&amp;".repeat(100_000)}</source_ip></row></record>`),
      `<${"a".repeat(2_000_000)}`,
    ];
    for (const shape of shapes) {
      const before = usedMs();
      expect((await readFile(bytesOf(shape))).kind).toBeTypeOf("string");
      expect(usedMs() - before, shape.slice(0, 40)).toBeLessThan(3000);
    }
  });

  test("a page of HTML made to be slow is read at once", async () => {
    for (const html of ["<style>", "<", "<p", "&amp;", "<!--", "<a href=x>"]) {
      const body = html.repeat(Math.ceil(250_000 / html.length));
      const mail = bytesOf(
        `From: MAILER-DAEMON@b.example\nSubject: Undelivered\nContent-Type: text/html\n\n${body}`,
      );
      const before = usedMs();
      expect((await readArrivedMail(mail)).kind).toBeTypeOf("string");
      expect(usedMs() - before, html).toBeLessThan(3000);
    }
  });
});

test("a deflated file that ends early is refused, not read in part", async () => {
  const packed = deflateRawSync(bytesOf(report(record(3))));
  const zip = makeZip([
    { name: "r.xml", bytes: bytesOf(report(record(3))), packed: packed.subarray(0, packed.length - 20) },
  ]);
  expect(await readFile(zip)).toMatchObject({ kind: "refused", why: expect.stringMatching(/damaged/) });
});

test("a large report lets everything else go on while it is read", async () => {
  const records = Array.from({ length: 3000 }, (_, at) => record(1, `10.0.${at >> 8}.${at & 255}`)).join("");
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const read = await messagesIn(gzipSync(report(records)));
  clearInterval(timer);
  expect(read).toEqual({ messages: 3000, notes: 0 });
  expect(turns).toBeGreaterThan(3);
});

/** What this process has had of the processor: a busy machine does not add to it. */
function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
