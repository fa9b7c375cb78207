import fc from "fast-check";
import { expect, test } from "vitest";
import { type LogRecord, parseSyslogLine } from "../log-lines/log-record.ts";
import { createDeliveryTracker } from "./delivery-tracker.ts";
import type { TrackedDelivery } from "./tracked-delivery.ts";

const start = Date.parse("2026-11-20T10:00:00Z");

/** Lines as `program[pid]: message`, a second apart. */
function records(lines: readonly string[]): LogRecord[] {
  return lines.flatMap((line, index) => {
    const stamp = new Date(start + index * 1000).toISOString();
    const record = parseSyslogLine(`${stamp} mail ${line}`, start);
    return record === null ? [] : [record];
  });
}

function track(lines: readonly LogRecord[]): TrackedDelivery[] {
  const tracker = createDeliveryTracker();
  const taken = lines.flatMap((line) => [...tracker.take(line)]);
  return [...taken, ...tracker.settle(start + 3_600_000)];
}

const sentMessage = [
  "postfix/submission/smtpd[10]: 4A1B2C3D4E: client=desk.a.example[198.51.100.7], sasl_method=PLAIN, sasl_username=ann@a.example",
  "postfix/cleanup[11]: 4A1B2C3D4E: message-id=<1@a.example>",
  "postfix/qmgr[12]: 4A1B2C3D4E: from=<ann@a.example>, size=700, nrcpt=1 (queue active)",
  "postfix/smtp[13]: Trusted TLS connection established to mx.b.example[192.0.2.9]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
  "postfix/smtp[13]: 4A1B2C3D4E: to=<bob@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0.1/0/0.5/0.4, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
  "postfix/qmgr[12]: 4A1B2C3D4E: removed",
];

test("a message is followed from the sign-in to the receiver's word", () => {
  expect(track(records(sentMessage))).toMatchObject([
    {
      direction: "outbound",
      messageId: "1@a.example",
      from: "ann@a.example",
      to: "bob@b.example",
      saslUsername: "ann@a.example",
      status: "sent",
      attempt: 1,
      tls: { version: "TLSv1.3", trust: "Trusted" },
      verdict: null,
    },
  ]);
});

test("attempts of one recipient are numbered, and each reply is understood", () => {
  const lines = [
    ...sentMessage.slice(0, 3),
    "postfix/smtp[13]: 4A1B2C3D4E: to=<bob@b.example>, relay=gmail-smtp-in.l.google.com[192.0.2.9]:25, delay=1, delays=0.1/0/0.5/0.4, dsn=4.7.28, status=deferred (host gmail-smtp-in.l.google.com[192.0.2.9] said: 421-4.7.28 An unusual rate of email. 421 4.7.28 a1 - gsmtp (in reply to end of DATA command))",
    "postfix/smtp[14]: 4A1B2C3D4E: to=<bob@b.example>, relay=gmail-smtp-in.l.google.com[192.0.2.9]:25, delay=301, delays=300/0/0.5/0.4, dsn=2.0.0, status=sent (250 2.0.0 OK)",
  ];
  expect(track(records(lines))).toMatchObject([
    {
      attempt: 1,
      status: "deferred",
      provider: "gmail",
      verdict: { category: "rate-limit", retry: "slow-down" },
    },
    { attempt: 2, status: "sent", provider: "gmail", verdict: null },
  ]);
});

test("what a content filter hands back is one delivery, in the name of whoever signed in", () => {
  const lines = [
    ...sentMessage.slice(0, 3),
    "postfix/smtpd[20]: 5F6A7B8C9D: client=localhost[127.0.0.1]",
    "postfix/cleanup[21]: 5F6A7B8C9D: message-id=<1@a.example>",
    "postfix/qmgr[12]: 5F6A7B8C9D: from=<ann@a.example>, size=900, nrcpt=1 (queue active)",
    "postfix/smtp[22]: 4A1B2C3D4E: to=<bob@b.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5F6A7B8C9D)",
    "postfix/smtp[13]: 5F6A7B8C9D: to=<bob@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 99)",
  ];
  expect(track(records(lines))).toMatchObject([
    {
      queueId: "5F6A7B8C9D",
      firstQueueId: "4A1B2C3D4E",
      saslUsername: "ann@a.example",
      direction: "outbound",
    },
  ]);
});

test("a queue id that comes again belongs to a new message", () => {
  const lines = [
    ...sentMessage.slice(0, 3),
    "postfix/smtpd[30]: 4A1B2C3D4E: client=mx.c.example[203.0.113.3]",
    "postfix/lmtp[31]: 4A1B2C3D4E: to=<ann@a.example>, relay=mail.a.example[private/dovecot-lmtp], delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Saved)",
  ];
  expect(track(records(lines))).toMatchObject([
    { direction: "inbound", messageId: null, saslUsername: null },
  ]);
});

test("a message that expires ends for every recipient that still waited", () => {
  const lines = [
    ...sentMessage.slice(0, 3),
    "postfix/smtp[13]: 4A1B2C3D4E: to=<bob@b.example>, relay=none, delay=1, delays=0.1/0/0.5/0, dsn=4.4.1, status=deferred (connect to mx.b.example[192.0.2.9]:25: Connection timed out)",
    "postfix/qmgr[12]: 4A1B2C3D4E: from=<ann@a.example>, status=expired, returned to sender",
    "postfix/cleanup[11]: 6A6B6C6D6E: message-id=<2@mail.a.example>",
    "postfix/bounce[40]: 4A1B2C3D4E: sender non-delivery notification: 6A6B6C6D6E",
    "postfix/lmtp[31]: 6A6B6C6D6E: to=<ann@a.example>, relay=mail.a.example[private/dovecot-lmtp], delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Saved)",
  ];
  expect(track(records(lines))).toMatchObject([
    { status: "deferred", verdict: { category: "connection" } },
    { status: "expired", to: "bob@b.example", verdict: { category: "expired" } },
    { status: "sent", direction: "internal", isNotification: true },
  ]);
});

test.each([
  [
    "host gmail-smtp-in.l.google.com[192.0.2.9] refused to talk to me: 421 4.7.28 rate",
    "gmail",
    "rate-limit",
  ],
  ["connect to gmail-smtp-in.l.google.com[192.0.2.9]:25: Connection timed out", "gmail", "connection"],
  [
    "lost connection with mx00.t-online.de[192.0.2.8] while receiving the initial server greeting",
    "t-online",
    "connection",
  ],
  [
    "delivery temporarily suspended: host gmail-smtp-in.l.google.com[192.0.2.9] refused to talk to me: 421 4.7.28 rate",
    "gmail",
    "rate-limit",
  ],
  [
    "Host or domain name not found. Name service error for name=b.example type=MX: Host not found",
    null,
    "dns",
  ],
])(
  "who reached nobody is counted for whom Postfix names, until it expires: %s",
  (said, provider, category) => {
    const lines = [
      ...sentMessage.slice(0, 3),
      `postfix/smtp[13]: 4A1B2C3D4E: to=<bob@b.example>, relay=none, delay=1, delays=0.1/0/0.5/0, dsn=4.4.1, status=deferred (${said})`,
      "postfix/qmgr[12]: 4A1B2C3D4E: from=<ann@a.example>, status=expired, returned to sender",
    ];
    expect(track(records(lines))).toMatchObject([
      { status: "deferred", provider, verdict: { category: expect.stringContaining(category) } },
      { status: "expired", provider },
    ]);
  },
);

test("a TLS session is joined to the message that goes over it, and to no later one that goes in the clear", () => {
  const attempt = (id: string, to = "bob") =>
    `postfix/smtp[13]: ${id}: to=<${to}@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)`;
  const session = (word: string) =>
    `postfix/smtp[13]: Untrusted TLS connection ${word} to mx.b.example[192.0.2.9]:25: TLSv1.2 with cipher AES256-SHA (256/256 bits)`;
  const lines = [
    session("established"),
    attempt("4A1B2C3D4E"),
    attempt("4A1B2C3D4E", "ann"),
    attempt("4A1B2C3D4F"),
    session("reused"),
    attempt("4A1B2C3D50"),
    attempt("4A1B2C3D51").replace("smtp[13]", "smtp[14]"),
    session("established"),
    attempt("4A1B2C3D52").replaceAll("192.0.2.9", "192.0.2.10"),
  ];
  expect(track(records(lines)).map(({ tls }) => tls?.version ?? null)).toEqual([
    "TLSv1.2",
    "TLSv1.2",
    null,
    "TLSv1.2",
    null,
    null,
  ]);
});

test("what a filter hands back without naming its new queue id is one delivery", () => {
  const lines = [
    ...sentMessage.slice(0, 3),
    "postfix/smtpd[20]: 5F6A7B8C9D: client=localhost[127.0.0.1]",
    "postfix/cleanup[21]: 5F6A7B8C9D: message-id=<1@a.example>",
    "postfix/smtp[22]: 4A1B2C3D4E: to=<bob@b.example>, relay=127.0.0.1[127.0.0.1]:10025, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 OK)",
    "postfix/qmgr[12]: 4A1B2C3D4E: removed",
    "postfix/smtp[13]: 5F6A7B8C9D: to=<bob@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 99)",
  ];
  expect(track(records(lines))).toMatchObject([
    {
      queueId: "5F6A7B8C9D",
      firstQueueId: "4A1B2C3D4E",
      direction: "outbound",
      saslUsername: "ann@a.example",
    },
  ]);
});

test("a mailbox that hands on a copy has taken the message, and what came back and went before the filter answered counts once", () => {
  const back = (daemon: string, reply: string) => [
    ...sentMessage.slice(0, 3),
    "postfix/smtpd[20]: 5F6A7B8C9D: client=localhost[127.0.0.1]",
    "postfix/cleanup[21]: 5F6A7B8C9D: message-id=<1@a.example>",
    "postfix/smtp[13]: 5F6A7B8C9D: to=<bob@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
    "postfix/qmgr[12]: 5F6A7B8C9D: removed",
    `postfix/${daemon}[22]: 4A1B2C3D4E: to=<ann@a.example>, relay=127.0.0.1[127.0.0.1]:24, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (${reply})`,
  ];
  expect(track(records(back("lmtp", "250 2.0.0 Saved"))).map(({ queueId }) => queueId)).toEqual([
    "5F6A7B8C9D",
    "4A1B2C3D4E",
  ]);
  for (const daemon of ["lmtp", "smtp"])
    expect(track(records(back(daemon, "250 2.0.0 Ok: queued as 5F6A7B8C9D")))).toHaveLength(1);
});

test("a message that the filter refused is not followed any more", () => {
  const tracker = createDeliveryTracker();
  const lines = [
    "postfix/smtpd[10]: 4A1B2C3D4E: client=mx.c.example[203.0.113.3]",
    "postfix/cleanup[11]: 4A1B2C3D4E: message-id=<1@c.example>",
    "postfix/cleanup[11]: 4A1B2C3D4E: milter-reject: END-OF-MESSAGE from mx.c.example[203.0.113.3]: 5.7.1 Spam message rejected; from=<x@c.example> to=<ann@a.example> proto=ESMTP helo=<mx.c.example>",
  ];
  for (const line of records(lines)) tracker.take(line);
  expect(tracker.readState().messages).toEqual([]);
});

test("long queue ids are followed like short ones, and notifications and reports of success with them", () => {
  const lines = sentMessage.map((line) => line.replaceAll("4A1B2C3D4E", "4dBvQ82Xq1zJp3k"));
  expect(track(records(lines))).toMatchObject([
    { queueId: "4dBvQ82Xq1zJp3k", from: "ann@a.example", tls: { version: "TLSv1.3" } },
  ]);
});

test("a filter that hands a message back in parts is told from other mail with the same Message-ID", () => {
  const back = (id: string, to: string) => [
    `postfix/smtpd[20]: ${id}: client=localhost[127.0.0.1]`,
    `postfix/cleanup[21]: ${id}: message-id=<1@a.example>`,
    `postfix/smtp[22]: ${id}: to=<${to}@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)`,
    `postfix/qmgr[12]: ${id}: removed`,
  ];
  const lines = [...sentMessage.slice(0, 3), ...back("5F6A7B8C9D", "bob"), ...back("5F6A7B8C9E", "eve")];
  expect(track(records(lines))).toMatchObject([
    { to: "bob@b.example", firstQueueId: "4A1B2C3D4E", saslUsername: "ann@a.example" },
    { to: "eve@b.example", firstQueueId: "4A1B2C3D4E", saslUsername: "ann@a.example" },
  ]);
});

test("names that objects have by themselves are recipients like others", () => {
  const to = (name: string) =>
    `postfix/local[13]: 4A1B2C3D4E: to=<${name}>, relay=local, delay=1, delays=0/0/0/1, dsn=4.2.2, status=deferred (full)`;
  const names = ["__proto__", "constructor", "__proto__", "toString"];
  const first = createDeliveryTracker();
  const attempts = records(names.map(to)).flatMap((line) => [...first.take(line)]);
  expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 1, 2, 1]);
  const second = createDeliveryTracker(JSON.parse(JSON.stringify(first.readState())));
  const more = records([to("__proto__")]).flatMap((line) => [...second.take(line)]);
  expect(more).toMatchObject([{ attempt: 3 }]);
});

test("times that jump back and ahead move nothing but the times of what is told", () => {
  const hourMs = 3_600_000;
  const shifts = [0, 0, -hourMs, -hourMs, 24 * hourMs, -hourMs];
  const shifted = records(sentMessage).map((line, index) => ({
    ...line,
    at: line.at + (shifts[index] ?? 0),
  }));
  const [told] = track(shifted);
  expect(told).toMatchObject({
    from: "ann@a.example",
    saslUsername: "ann@a.example",
    tls: { trust: "Trusted" },
  });
  expect(told?.at).toBe(shifted[4]?.at);
});

test("instances of Postfix do not take each other's messages", () => {
  const lines = [
    ...sentMessage.slice(0, 3),
    "postfix-in/smtp[13]: 4A1B2C3D4E: to=<bob@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0.1/0/0.5/0.4, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
  ];
  expect(track(records(lines))).toMatchObject([{ from: null, saslUsername: null }]);
});

test("it makes no difference where the log was put down and taken up again", () => {
  const lines = records([...sentMessage.slice(0, 5), ...sentMessage]);
  const whole = track(lines);
  fc.assert(
    fc.property(fc.nat({ max: lines.length }), (cut) => {
      const first = createDeliveryTracker();
      const before = lines.slice(0, cut).flatMap((line) => [...first.take(line)]);
      const second = createDeliveryTracker(JSON.parse(JSON.stringify(first.readState())));
      const after = lines.slice(cut).flatMap((line) => [...second.take(line)]);
      expect([...before, ...after]).toEqual(whole);
    }),
  );
});

test("a state that is kept in step by changes is the state itself, wherever the changes were read", () => {
  const lines = records([...sentMessage.slice(0, 5), ...sentMessage.slice(0, 3), ...sentMessage]);
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: lines.length, maxLength: lines.length }), (reads) => {
      const tracker = createDeliveryTracker();
      const kept = new Map<string, unknown>();
      const keep = () => {
        const { messages, gone } = tracker.readChanges();
        for (const message of messages) kept.set(message.queueId, message);
        for (const queueId of gone) kept.delete(queueId);
      };
      lines.forEach((line, index) => {
        tracker.take(line);
        if (reads[index]) keep();
      });
      keep();
      expect([...kept.values()]).toEqual(expect.arrayContaining([...tracker.readState().messages]));
      expect(kept.size).toBe(tracker.readState().messages.length);
    }),
  );
});
