import { describe, expect, test } from "vitest";
import { createDeliveryTracker } from "./delivery-tracker.ts";
import {
  laterMs,
  received,
  records,
  removed,
  signedIn,
  start,
  toMailbox,
  toProgram,
  track,
} from "./filtered-mail.testing.ts";

test("mail that a port names is no program's, also where a program has a copy of it", () => {
  const copy = received.map((line) => line.replaceAll("4A1B2C3D4E", "6A1B2C3D4E"));
  const kept = toProgram().replace("4A1B2C3D4E", "6A1B2C3D4E");
  const back = [
    "postfix/smtpd[20]: 5F6A7B8C9D: client=localhost[127.0.0.1]",
    "postfix/cleanup[21]: 5F6A7B8C9D: message-id=<1@c.example>",
  ];
  const answer =
    "postfix/lmtp[22]: 4A1B2C3D4E: to=<bob@a.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 5F6A7B8C9D)";
  const gone = removed.replace("4A1B2C3D4E", "5F6A7B8C9D");
  const lines = [...copy, kept, ...received, ...back, answer, removed, toMailbox("bob@a.example"), gone];
  expect(track(lines)).toHaveLength(2);
});

test("what a port handed back and was through before the answer is taken for no program's either", () => {
  const back = [
    "postfix/smtpd[20]: 5F6A7B8C9D: client=localhost[127.0.0.1]",
    "postfix/cleanup[21]: 5F6A7B8C9D: message-id=<1@c.example>",
    toMailbox("bob@a.example"),
  ];
  const answer =
    "postfix/lmtp[22]: 4A1B2C3D4E: to=<bob@a.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 5F6A7B8C9D)";
  const tracker = createDeliveryTracker();
  for (const line of records([...received, ...back, answer, removed])) tracker.take(line);
  expect(tracker.readState().held).toEqual({ deliveries: [], early: [] });
});

test("mail that a filter hands back with the queue id that it had is from where it came, also where that is gone", () => {
  const lines = [
    ...received,
    "postfix/smtpd[20]: 5F6A7B8C9D: client=localhost[127.0.0.1], orig_client=mx.c.example[203.0.113.3], orig_queue_id=4A1B2C3D4E",
    removed,
    "postfix/cleanup[21]: 5F6A7B8C9D: message-id=<1@c.example>",
    toMailbox("bob@a.example"),
  ];
  expect(track(lines)).toMatchObject([{ direction: "inbound", firstQueueId: "4A1B2C3D4E" }]);
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

  const nameless = received.map((line) => line.replace("<1@c.example>", "<>"));
  const answer = "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5F6A7B8C9D";
  const filtered = (relay: string, daemon: string, reply = answer) =>
    `postfix/${daemon}[22]: 4A1B2C3D4E: to=<bob@a.example>, relay=${relay}, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (${reply})`;
  const backFrom = (client: string) => [
    `postfix/smtpd[20]: 5F6A7B8C9D: client=${client}`,
    "postfix/cleanup[21]: 5F6A7B8C9D: message-id=<20261120.5F6A7B8C9D@mail.a.example>",
  ];
  const through = [toMailbox("bob@a.example"), "postfix/qmgr[12]: 5F6A7B8C9D: removed"];

  test.each([
    ["a port", "127.0.0.1[127.0.0.1]:10024", "smtp", "localhost[127.0.0.1]"],
    ["a port, by LMTP", "127.0.0.1[127.0.0.1]:10024", "lmtp", "localhost[127.0.0.1]"],
    ["a socket", "mail.a.example[/run/amavis/amavis.sock]", "lmtp", "localhost[127.0.0.1]"],
    ["an address of the host", "amavis[172.17.0.2]:10024", "smtp", "amavis[172.17.0.2]"],
  ])("and handed back counts once whether it is through before the answer or not: %s", (...way) => {
    const [, relay, daemon, client] = way;
    const answered = [filtered(relay, daemon), removed];
    const before = [...nameless, ...backFrom(client), ...answered, ...through];
    expect(track(before)).toMatchObject([{ queueId: "5F6A7B8C9D" }]);
    const after = [...nameless, ...backFrom(client), ...through, ...answered];
    expect(track(after)).toMatchObject([{ queueId: "5F6A7B8C9D" }]);
    const lost = records(after);
    const first = createDeliveryTracker();
    for (const line of lost.slice(0, -2)) first.take(line);
    const second = createDeliveryTracker(JSON.parse(JSON.stringify(first.readState())));
    expect(lost.slice(-2).flatMap((line) => [...second.take(line)])).toEqual([]);
    expect(second.settle(start + laterMs)).toEqual([]);
  });

  test("and handed back without a Message-ID is from where it first came", () => {
    const lines = [
      ...nameless,
      ...backFrom("localhost[127.0.0.1]"),
      filtered("127.0.0.1[127.0.0.1]:10024", "smtp"),
      removed,
      ...through,
    ];
    expect(track(lines)).toMatchObject([{ direction: "inbound", firstQueueId: "4A1B2C3D4E" }]);
  });

  test("and handed back from another address counts once where it goes by the same name", () => {
    const back = backFrom("gateway[172.17.0.1]").map((line) =>
      line.replace("20261120.5F6A7B8C9D@mail.a.example", "1@c.example"),
    );
    const lines = [...received, ...back, filtered("amavis[172.17.0.2]:10024", "smtp"), removed, ...through];
    expect(track(lines)).toMatchObject([{ queueId: "5F6A7B8C9D" }]);
  });

  test("and threw away did not go out", () => {
    const reply = "250 2.7.0 Ok, discarded, id=28422-01 - spam";
    const lines = [...received, filtered("127.0.0.1[127.0.0.1]:10024", "smtp", reply), removed];
    expect(track(lines)).toMatchObject([{ direction: "inbound" }]);
  });

  test("and took elsewhere went out, also where a list had handed the message in again", () => {
    const fromList = [
      "postfix/smtpd[20]: 5F6A7B8C9D: client=localhost[127.0.0.1]",
      "postfix/cleanup[21]: 5F6A7B8C9D: message-id=<1@c.example>",
    ];
    const given = toPort("250 2.0.0 Ok: queued as 9F6A7B8C9D");
    expect(track([...signedIn, ...fromList, given, removed])).toMatchObject([
      { direction: "outbound", to: "eve@b.example" },
    ]);
  });
});
