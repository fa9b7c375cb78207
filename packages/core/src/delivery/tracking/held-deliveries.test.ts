import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LogRecord, parseSyslogLine } from "../log-lines/log-record.ts";
import { createDeliveryTracker } from "./delivery-tracker.ts";
import { heldDeliveriesMax } from "./held-deliveries.ts";
import type { TrackedDelivery } from "./tracked-delivery.ts";

const start = Date.parse("2026-11-20T10:00:00Z");
const laterMs = 60_000;

/** Lines as `program[pid]: message`, a tenth of a second apart. */
function records(lines: readonly string[]): LogRecord[] {
  return lines.flatMap((line, index) => {
    const stamp = new Date(start + index * 100).toISOString();
    return parseSyslogLine(`${stamp} mail ${line}`, start) ?? [];
  });
}

/** What a log tells by a minute after its end. */
function track(lines: readonly string[]): TrackedDelivery[] {
  const tracker = createDeliveryTracker();
  const told = records(lines).flatMap((line) => [...tracker.take(line)]);
  return [...told, ...tracker.settle(start + laterMs)];
}

const received = [
  "postfix/smtpd[10]: 4A1B2C3D4E: client=mx.c.example[203.0.113.3]",
  "postfix/cleanup[11]: 4A1B2C3D4E: message-id=<1@c.example>",
  "postfix/qmgr[12]: 4A1B2C3D4E: from=<ann@c.example>, size=700, nrcpt=1 (queue active)",
];
const signedIn = [
  "postfix/submission/smtpd[10]: 4A1B2C3D4E: client=desk.a.example[198.51.100.7], sasl_method=PLAIN, sasl_username=bob@a.example",
  "postfix/cleanup[11]: 4A1B2C3D4E: message-id=<1@c.example>",
  "postfix/qmgr[12]: 4A1B2C3D4E: from=<bob@a.example>, size=700, nrcpt=1 (queue active)",
];
const toProgram = (to = "bob@a.example") =>
  `postfix/pipe[22]: 4A1B2C3D4E: to=<${to}>, relay=spamfilter, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered via spamfilter service)`;
const removed = "postfix/qmgr[12]: 4A1B2C3D4E: removed";
const pickedUp = [
  "postfix/pickup[30]: 5F6A7B8C9D: uid=112 from=<ann@c.example>",
  "postfix/cleanup[11]: 5F6A7B8C9D: message-id=<1@c.example>",
  "postfix/qmgr[12]: 5F6A7B8C9D: from=<ann@c.example>, size=900, nrcpt=1 (queue active)",
];
const toMailbox = (to: string, rest = "") =>
  `postfix/lmtp[31]: 5F6A7B8C9D: to=<${to}>,${rest} relay=mail.a.example[private/dovecot-lmtp], delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Saved)`;

describe("mail that a program took by pipe(8)", () => {
  test("and handed back by sendmail(1) counts once, from where it came, whoever logs first", () => {
    for (const [name, lines] of [
      ["answer first", [...received, toProgram(), removed, ...pickedUp, toMailbox("bob@a.example")]],
      ["picked up first", [...received, ...pickedUp, toProgram(), removed, toMailbox("bob@a.example")]],
      ["delivered first", [...received, ...pickedUp, toMailbox("bob@a.example"), toProgram(), removed]],
    ] as const)
      expect(track(lines), name).toMatchObject([
        {
          queueId: "5F6A7B8C9D",
          firstQueueId: "4A1B2C3D4E",
          direction: "inbound",
          clientAddress: "203.0.113.3",
        },
      ]);
  });

  test("and handed back for the address that an alias leads to counts once", () => {
    const lines = [
      ...received,
      toProgram("Info@a.example"),
      removed,
      ...pickedUp,
      toMailbox("bob@a.example", " orig_to=<info@a.example>,"),
    ];
    expect(track(lines)).toMatchObject([{ to: "bob@a.example", direction: "inbound" }]);
  });

  test("in the name of whoever signed in, also on its way out", () => {
    const out =
      "postfix/smtp[13]: 5F6A7B8C9D: to=<eve@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)";
    expect(track([...signedIn, toProgram("eve@b.example"), removed, ...pickedUp, out])).toMatchObject([
      { direction: "outbound", saslUsername: "bob@a.example", to: "eve@b.example" },
    ]);
  });

  test("and handed back over a port counts once", () => {
    const lines = [
      ...received,
      "postfix/smtpd[20]: 5F6A7B8C9D: client=localhost[127.0.0.1]",
      "postfix/cleanup[21]: 5F6A7B8C9D: message-id=<1@c.example>",
      toProgram(),
      removed,
      toMailbox("bob@a.example"),
    ];
    expect(track(lines)).toMatchObject([{ queueId: "5F6A7B8C9D", direction: "inbound" }]);
  });

  test("counts there and again where the program forwards it to somebody else", () => {
    const forwarded = [...pickedUp, toMailbox("eve@a.example"), "postfix/qmgr[12]: 5F6A7B8C9D: removed"];
    const lines = [...received, toProgram(), removed, ...forwarded];
    const told = track(lines).map(({ queueId, to }) => `${queueId} ${to}`);
    expect(told.toSorted()).toEqual(["4A1B2C3D4E bob@a.example", "5F6A7B8C9D eve@a.example"]);
  });

  test("counts with the line that follows when nothing comes back, and without one once the time is over", () => {
    expect(track([...received, toProgram(), removed])).toMatchObject([
      { queueId: "4A1B2C3D4E", direction: "inbound", status: "sent", at: start + 300 },
    ]);
    const tracker = createDeliveryTracker();
    for (const line of records([...received, toProgram(), removed])) expect(tracker.take(line)).toEqual([]);
    const [other] = records(["postfix/smtpd[10]: 6A6B6C6D6E: client=mx.c.example[203.0.113.3]"]);
    expect(tracker.take({ ...(other as LogRecord), at: start + laterMs })).toMatchObject([
      { queueId: "4A1B2C3D4E" },
    ]);
    expect(tracker.settle(start + 2 * laterMs)).toEqual([]);
  });

  test("waits for as long as what was picked up lies in the queue", () => {
    const tracker = createDeliveryTracker();
    for (const line of records([...received, toProgram(), removed, ...pickedUp])) tracker.take(line);
    expect(tracker.settle(start + laterMs)).toEqual([]);
    const [delivered] = records([toMailbox("bob@a.example")]);
    expect(tracker.take({ ...(delivered as LogRecord), at: start + 2 * laterMs })).toMatchObject([
      { queueId: "5F6A7B8C9D", direction: "inbound" },
    ]);
    expect(tracker.settle(start + 3 * laterMs)).toEqual([]);
  });

  test("waits for an hour at most for what was picked up and is never tried", () => {
    const tracker = createDeliveryTracker();
    for (const line of records([...received, toProgram(), removed, ...pickedUp])) tracker.take(line);
    expect(tracker.settle(start + 61 * laterMs)).toMatchObject([{ queueId: "4A1B2C3D4E" }]);
  });

  test("is given out early where very much of it waits, and all of it in the end", () => {
    const tracker = createDeliveryTracker();
    const count = heldDeliveriesMax + 500;
    const lines = Array.from({ length: count }, (_, number) => toProgram(`a${number}@a.example`));
    const told = records([...received.slice(0, 2), ...lines]).flatMap((line, index) => [
      // All within the time that is waited.
      ...tracker.take({ ...line, at: start + index * 5 }),
    ]);
    expect(tracker.readState().held?.length).toBeLessThan(count);
    expect(told.length + tracker.settle(start + laterMs).length).toBe(count);
  });
});

describe("mail that a port of this host took", () => {
  const toPort = (reply: string) =>
    `postfix/smtp[22]: 4A1B2C3D4E: to=<eve@b.example>, relay=127.0.0.1[127.0.0.1]:10465, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (${reply})`;

  test.each(["250 2.0.0 Ok: queued as 9F6A7B8C9D", "250 2.0.0 OK 1700000000 a1-2b - gsmtp"])(
    "and took elsewhere went out: %s",
    (reply) => {
      expect(track([...signedIn, toPort(reply), removed])).toMatchObject([
        { direction: "outbound", saslUsername: "bob@a.example", queueId: "4A1B2C3D4E" },
      ]);
    },
  );

  test("and handed back counts once, also where the new queue id is logged later", () => {
    const back = [
      "postfix/smtpd[20]: 5F6A7B8C9D: client=localhost[127.0.0.1]",
      "postfix/smtp[13]: 5F6A7B8C9D: to=<eve@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
    ];
    const given = toPort("250 2.0.0 Ok: queued as 5F6A7B8C9D");
    expect(track([...signedIn, given, removed, ...back])).toMatchObject([{ queueId: "5F6A7B8C9D" }]);
    const other = back.map((line) => line.replace("postfix/", "postfix-out/"));
    expect(track([...signedIn, given, removed, ...other])).toMatchObject([
      { queueId: "postfix-out/5F6A7B8C9D" },
    ]);
  });
});

test("what waits outlives a restart, wherever the log was put down", () => {
  const lines = records([
    ...received,
    toProgram(),
    removed,
    ...pickedUp,
    toMailbox("bob@a.example"),
    ...signedIn.map((line) => line.replaceAll("4A1B2C3D4E", "7A1B2C3D4E").replaceAll("<1@", "<2@")),
    toProgram("eve@b.example").replaceAll("4A1B2C3D4E", "7A1B2C3D4E"),
  ]);
  const whole = createDeliveryTracker();
  const told = [...lines.flatMap((line) => [...whole.take(line)]), ...whole.settle(start + laterMs)];
  expect(told).toHaveLength(2);
  fc.assert(
    fc.property(fc.nat({ max: lines.length }), (cut) => {
      const first = createDeliveryTracker();
      const before = lines.slice(0, cut).flatMap((line) => [...first.take(line)]);
      const { held } = first.readChanges();
      const { messages, sessions } = first.readState();
      const second = createDeliveryTracker(JSON.parse(JSON.stringify({ messages, sessions, held })));
      const after = lines.slice(cut).flatMap((line) => [...second.take(line)]);
      expect([...before, ...after, ...second.settle(start + laterMs)]).toEqual(told);
    }),
  );
});
