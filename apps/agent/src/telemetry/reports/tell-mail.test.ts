import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { tellMail } from "./tell-mail.ts";

function mailWith(file: Uint8Array, name = "google.com!a.example!1!2.xml.gz"): string {
  return `From: noreply@google.com\nSubject: Report Domain: a.example\nMIME-Version: 1.0\nContent-Type: application/gzip; name="${name}"\nContent-Disposition: attachment; filename="${name}"\nContent-Transfer-Encoding: base64\n\n${Buffer.from(file).toString("base64")}\n`;
}

async function tell(mail: string) {
  const nowMs = Date.parse("2026-11-20T10:00:00Z");
  const { things } = await tellMail(Buffer.from(mail), { arrivedAtMs: nowMs, nowMs });
  return things.flatMap(({ batches }) => batches);
}

const words = "carl@secret.example wrote of his illness";
const tlsReport = (text: string) => mailWith(gzipSync(text), "google.com!a.example!1!2.json.gz");
test.each([
  ["XML that ends early", mailWith(gzipSync(`<feedback>${words}</${words}>`)), /^the report/],
  [
    "XML of something else",
    mailWith(gzipSync(`<carl.secret.example>${words}</carl.secret.example>`)),
    /no feedback$/,
  ],
  ["XML that has no element", mailWith(gzipSync(`<${words}`)), /^the report/],
  ["JSON that breaks off", tlsReport(`{"${words}": "${words}`), /^the report cannot be read$/],
  ["JSON with words in it", tlsReport(`{carl@secret.example: 1}`), /^the report cannot be read$/],
  ["JSON of something else", tlsReport(`{"${words}": 1}`), /^the TLS report is not as RFC 8460 says$/],
  [
    "a TLS report that is wrong",
    tlsReport(`{"report-id": {"${words}": 1}, "policies": [{"${words}": "${words}"}]}`),
    /^the TLS report is not as RFC 8460 says$/,
  ],
  ["a damaged archive", mailWith(Buffer.from(`\x1f\x8b${words}`, "latin1")), /^the archive is damaged$/],
  ["a file of words", mailWith(Buffer.from(words), `${words}.xml`), /neither XML nor JSON$/],
  [
    "a record of words",
    mailWith(gzipSync(`<feedback><record>${words}</record></feedback>`)),
    /names no domain/,
  ],
  [
    "a mail of too many parts in each other",
    `Content-Type: multipart/mixed; boundary="${words}"\nSubject: ${words}\n\n`.concat(
      ...Array.from(
        { length: 40 },
        (_, at) => `--b${at}\nContent-Type: multipart/mixed; boundary=b${at + 1}\n\n`,
      ),
    ),
    /^a mail that carries no report$/,
  ],
])("%s, of whose words nothing is told", async (_, content, why) => {
  const told = await tell(content);
  expect(told).toMatchObject([{ troubles: [{ why: expect.stringMatching(why), count: 1 }] }]);
  expect(JSON.stringify(told)).not.toMatch(/carl|secret|wrote|illness|@/i);
});

const complaint = (from: string, received: readonly string[]) =>
  `${received.map((line) => `Received: ${line}\n`).join("")}From: ${from}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Yahoo-Mail-Feedback/2.0
Version: 1
Reporting-MTA: dns; mx.yahoo.com
Reported-Domain: a.example
Incidents: 999999999

--b--
`;
const yahoo =
  "from y (sonic.mail.ne1.yahoo.com [203.0.113.5])\n\tby mail1.a.example (Postfix) with ESMTPS id 1";

test.each<[string, string, readonly string[], string]>([
  ["of a provider", "<feedback@arf.mail.yahoo.com>", [yahoo], "arf.mail.yahoo.com"],
  [
    "of a host of its own",
    "fbl@loop.example",
    ["from out (out.loop.example [203.0.113.6]) by mail1"],
    "loop.example",
  ],
  [
    "from elsewhere",
    "<feedback@arf.mail.yahoo.com>",
    ["from mx.yahoo.com (x.example [203.0.113.7])"],
    "unknown",
  ],
  [
    "from a host without a name",
    "feedback@yahoo.com",
    ["from mx.yahoo.com (unknown [203.0.113.7])"],
    "unknown",
  ],
  [
    "with a way that it made up",
    "feedback@yahoo.com",
    ["from a (x.example [203.0.113.7])", yahoo],
    "unknown",
  ],
  ["that names no way", "feedback@yahoo.com", [], "unknown"],
  [
    "of a name that only ends alike",
    "x@loop.example",
    ["from a (bad-loop.example [203.0.113.7])"],
    "unknown",
  ],
])("a complaint %s counts once, by whoever handed it over", async (_, from, received, reporter) => {
  expect(await tell(complaint(from, received))).toMatchObject([
    { feedback: [{ kind: "complaint", domains: ["a.example"], incidents: 1, reporter }] },
  ]);
});

test("half of a report is counted by nobody, so that the whole one can be", async () => {
  const record = `<record><row><source_ip>192.0.2.1</source_ip><count>3</count></row></record>`;
  const whole = `<feedback><report_metadata><org_name>google.com</org_name><report_id>7</report_id><date_range><begin>1795046400</begin><end>1795132799</end></date_range></report_metadata><policy_published><domain>a.example</domain></policy_published>${record}${record}</feedback>`;
  const half = whole.slice(0, whole.lastIndexOf("<count>"));
  expect(await tell(mailWith(gzipSync(half)))).toMatchObject([
    { aggregates: [], troubles: [{ kind: "unread", why: "the report breaks off within a record" }] },
  ]);
  expect(await tell(mailWith(gzipSync(whole)))).toMatchObject([
    { aggregates: [{ reportId: "7" }], troubles: [] },
  ]);
});
