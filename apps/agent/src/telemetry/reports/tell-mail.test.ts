import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { tellMail } from "./tell-mail.ts";

function mailWith(file: Uint8Array, name = "google.com!a.example!1!2.xml.gz"): string {
  return `From: noreply@google.com\nSubject: Report Domain: a.example\nMIME-Version: 1.0\nContent-Type: application/gzip; name="${name}"\nContent-Disposition: attachment; filename="${name}"\nContent-Transfer-Encoding: base64\n\n${Buffer.from(file).toString("base64")}\n`;
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
  const nowMs = Date.parse("2026-11-20T10:00:00Z");
  const told = (await tellMail(Buffer.from(content), { arrivedAtMs: nowMs, nowMs })).things.flatMap(
    ({ batches }) => batches,
  );
  expect(told).toMatchObject([{ troubles: [{ why: expect.stringMatching(why), count: 1 }] }]);
  expect(JSON.stringify(told)).not.toMatch(/carl|secret|wrote|illness|@/i);
});
