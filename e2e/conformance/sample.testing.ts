import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const bounce = `From: MAILER-DAEMON@mx.b.example
To: ann@a.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="x"
MIME-Version: 1.0

--x
Content-Type: text/plain

<bob@b.example>: host mx.b.example[192.0.2.9] said: 550 5.1.1 No such user here (in reply to RCPT TO command)

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.a.example

Final-Recipient: rfc822; bob@b.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user here

--x--
`;

const letter = `From: bob@b.example\nTo: ann@a.example\nSubject: Lunch\n\nAt noon?\n`;

const complaint = `From: fbl@b.example
To: abuse@a.example
Subject: Complaint
Content-Type: multipart/report; report-type=feedback-report; boundary="x"
MIME-Version: 1.0

--x
Content-Type: text/plain

A user complained.

--x
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Sample/1
Version: 1
Source-IP: 192.0.2.1

--x
Content-Type: message/rfc822

From: ann@a.example
To: bob@b.example
Subject: Offer

Buy.
--x--
`;

const log = `Nov 20 10:00:00 mail postfix/smtpd[1]: connect from desk.a.example[198.51.100.7]
Nov 20 10:00:00 mail postfix/smtpd[1]: 4A1B2C3D4E: client=desk.a.example[198.51.100.7], sasl_method=PLAIN, sasl_username=ann@a.example
Nov 20 10:00:01 mail postfix/qmgr[2]: 4A1B2C3D4E: from=<ann@a.example>, size=700, nrcpt=1 (queue active)
Nov 20 10:00:02 mail postfix/smtp[3]: 4A1B2C3D4E: to=<bob@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0.1/0/0.5/0.4, dsn=2.0.0, status=sent (250 2.0.0 Ok)
`;

const aggregate = `<?xml version="1.0"?><feedback><report_metadata><org_name>B</org_name><report_id>1</report_id><date_range><begin>1700000000</begin><end>1700086399</end></date_range></report_metadata><policy_published><domain>a.example</domain><p>none</p></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>a.example</header_from></identifiers></record></feedback>`;

const lines = (...values: readonly unknown[]) =>
  `${values.map((value) => JSON.stringify(value)).join("\n")}\n`;

/** A little of most sets, made up by us. */
const sample: Readonly<Record<string, string>> = {
  "bounces-a/eml/one.eml": bounce,
  "bounces-a/eml/two.eml": complaint,
  "bounces-a/reason-to-family.json": JSON.stringify({ userunknown: "unknown-user", feedback: "feedback" }),
  "bounces-a/expected.jsonl": lines(
    {
      file: "one.eml",
      expected: [{ dsn: "5.1.1", reason: "userunknown", hard: true, feedback_type: null }],
    },
    { file: "two.eml", expected: [{ dsn: "", reason: "feedback", hard: false, feedback_type: "abuse" }] },
  ),
  "bounces-b/eml/one.msg": bounce,
  "bounces-b/eml/two.msg": letter,
  "bounces-b/expected.jsonl": lines(
    { file: "one.msg", is_bounce: true, std_reason: "user_unknown", addresses: ["bob@b.example"] },
    { file: "two.msg", is_bounce: false },
  ),
  "bounces-c/arf-1.eml": complaint,
  "bounces-c/2.eml": bounce,
  "smtp-replies/replies.jsonl": lines({
    src: "zone-mta",
    provider: null,
    code: "552",
    esc: "5.2.2",
    text: "Mailbox full",
    family: "mailbox-full",
  }),
  "postfix-lines/lines.jsonl": lines(
    {
      id: "one",
      family: "smtp",
      line: "connect to mx.b.example[192.0.2.9]:25: Connection timed out",
      expected: { postfix_relay_ip: "192.0.2.9", postfix_smtp_lostconn_data: "Connection timed out" },
    },
    {
      id: "two",
      family: "scache",
      line: "statistics: max simultaneous domains=1 addresses=2 connection=3",
      expected: { postfix_scache_domains: 1, postfix_scache_addresses: 2, postfix_scache_connection: 3 },
    },
    {
      id: "three",
      family: "postscreen",
      line: "CONNECT from [192.0.2.9]:4711 to [198.51.100.1]:25",
      expected: {
        postfix_client_ip: "192.0.2.9",
        postfix_server_ip: "198.51.100.1",
        postfix_server_port: 25,
      },
    },
    {
      id: "four",
      family: "postscreen",
      line: "DNSBL rank 6 for [192.0.2.9]:4711",
      expected: { postfix_postscreen_dnsbl_rank: 6, postfix_client_port: 4711 },
    },
    {
      id: "five",
      family: "postscreen",
      line: "NOQUEUE: reject: CONNECT from [192.0.2.9]:4711: too many connections",
      expected: { postfix_action: "reject", postfix_postscreen_toobusy_data: "too many connections" },
    },
    {
      id: "six",
      family: "smtp",
      line: "4A1B2C3D4E: enabling PIX workarounds: disable_esmtp for mx.b.example[192.0.2.9]:25",
      expected: { postfix_queueid: "4A1B2C3D4E", postfix_pix_workaround: "disable_esmtp" },
    },
  ),
  "postfix-logs/one.log": log,
  "postfix-logs/expected-counts.json": JSON.stringify({
    "one.log": {
      deliveries: { sent: 1 },
      by_process: { smtp: 1 },
      external: { sent: 1 },
      queue_ids: 1,
      rejects: 0,
      milter_rejects: 0,
      expired: 0,
      sasl: ["ann@a.example"],
      connects: 1,
    },
  }),
  "postfix-logs/expected-lightmeter-tracking.json": JSON.stringify({
    "one.log": { results: 1, statuses: { "0": "SentStatus" } },
  }),
  "dmarc-aggregate/one.xml": aggregate,
  "dmarc-aggregate/two.xml": aggregate.slice(0, 200),
  "dmarc-aggregate/expected.json": JSON.stringify({
    "one.xml": { org_name: "B", begin: "1700000000", end: "1700086399", domain: "a.example", messages: 3 },
    "two.xml": { malformed: "no end" },
  }),
  "mta-sts/vectors.jsonl": lines(
    { kind: "record", input: "v=STSv1; id=1;", valid: true, id: "1", id_: "one" },
    {
      kind: "match",
      mx: "mx.bücher.example",
      patterns: ["*.xn--bcher-kva.example"],
      match: true,
      id_: "two",
    },
  ),
  "spf-rfc7208/tests.json": JSON.stringify([
    {
      description: "one",
      zonedata: { "a.example": [{ SPF: "v=spf1 ip4:192.0.2.1 -all" }] },
      tests: { pass: { host: "192.0.2.1", helo: "h", mailfrom: "x@a.example", result: "pass" } },
    },
  ]),
  "rspamd-auth/dns-fake-records.ucl": `fake_records = [{ # a comment
    name = "_dmarc.a.example", type = txt; replies = ["v=DMARC1; p=reject; pct=0"]; },
    { name = "a.example"; type = "txt"; replies = ["v=spf1 ip4:192.0.2.1 -all"] }]`,
  "rspamd-auth/messages/one.eml": letter.replace("bob@b.example", "ann@a.example"),
  "rspamd-auth/cases.jsonl": lines(
    {
      name: "aligned",
      message: "one.eml",
      ip: "192.0.2.1",
      mail_from: "x@a.example",
      expect: ["R_SPF_ALLOW", "DMARC_POLICY_ALLOW"],
      not_expect: [],
    },
    {
      name: "forged",
      message: "one.eml",
      ip: "192.0.2.2",
      mail_from: "x@a.example",
      expect: ["R_SPF_FAIL", "DMARC_POLICY_QUARANTINE"],
      not_expect: ["DMARC_POLICY_REJECT"],
    },
  ),
  "public-suffix/list.txt": "checkPublicSuffix('www.b.co.uk', 'b.co.uk');\n",
};

/** Writes the sample into a folder, with some of its files as given or, for null, without them. */
export function writeSample(folder: string, changed: Readonly<Record<string, string | null>> = {}): void {
  for (const [file, content] of Object.entries({ ...sample, ...changed })) {
    if (content === null) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
}
