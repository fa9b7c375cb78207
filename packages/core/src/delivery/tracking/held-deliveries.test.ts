import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogRecord } from "../log-lines/log-record.ts";
import { createDeliveryTracker } from "./delivery-tracker.ts";
import {
  laterMs,
  pickedUp,
  received,
  records,
  removed,
  signedIn,
  start,
  toMailbox,
  toProgram,
  track,
} from "./filtered-mail.testing.ts";
import { heldDeliveriesMax } from "./held-deliveries.ts";

describe("mail that a program took by pipe(8)", () => {
  test("and handed back by sendmail(1) counts once, from where it came, whoever logs first", () => {
    for (const [name, lines] of [
      ["answer first", [...received, toProgram(), removed, ...pickedUp, toMailbox("bob@a.example")]],
      ["picked up first", [...received, ...pickedUp, toProgram(), removed, toMailbox("bob@a.example")]],
      ["delivered first", [...received, ...pickedUp, toMailbox("bob@a.example"), toProgram(), removed]],
      [
        "in other letters",
        [...received, ...pickedUp, toMailbox("bob@a.example"), toProgram("Bob@a.example")],
      ],
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
    expect(tracker.readState().held?.deliveries).toHaveLength(heldDeliveriesMax);
    expect(told.map(({ to }) => to)).toEqual(lines.slice(0, 500).map((_, number) => `a${number}@a.example`));
    expect(told.length + tracker.settle(start + laterMs).length).toBe(count);
  });
});

describe("mail that goes by the same name", () => {
  const again = (lines: readonly string[], from: string, to: string) =>
    lines.map((line) => line.replaceAll(from, to));
  const copy = again(received, "4A1B2C3D4E", "6A1B2C3D4E").map((line) =>
    line.replace("203.0.113.3", "203.0.113.9"),
  );
  const copyToProgram = toProgram().replace("4A1B2C3D4E", "6A1B2C3D4E");
  const copyBack = again([...pickedUp, toMailbox("bob@a.example")], "5F6A7B8C9D", "7F6A7B8C9D");

  test("and came twice, from its author and from a list, counts twice, each from where it came", () => {
    const back = [...pickedUp, toMailbox("bob@a.example"), ...copyBack];
    for (const lines of [
      [...received, ...copy, toProgram(), copyToProgram, ...back],
      [...received, toProgram(), ...copy, copyToProgram, ...back],
    ])
      expect(track(lines)).toMatchObject([
        { clientAddress: "203.0.113.3" },
        { clientAddress: "203.0.113.9" },
      ]);
    expect(track([...received, ...copy, ...back, toProgram(), copyToProgram])).toHaveLength(2);
  });

  test("and is given to the same program again was no filter's, but a list's", () => {
    const own = toProgram().replaceAll("spamfilter", "dovecot");
    const fromList = again([...pickedUp, own], "4A1B2C3D4E", "5F6A7B8C9D");
    const listed = removed.replace("4A1B2C3D4E", "5F6A7B8C9D");
    const lines = [...received, toProgram("list@a.example"), own, removed, ...fromList, listed];
    expect(track(lines).map(({ to }) => to)).toEqual(["list@a.example", "bob@a.example", "bob@a.example"]);
  });

  test("is waited for when one of it is through and another lies in the queue", () => {
    const toBoth = [toProgram(), toProgram("fay@a.example"), removed];
    const forFay = [...copyBack.slice(0, 3), toMailbox("fay@a.example").replace("5F6A7B8C9D", "7F6A7B8C9D")];
    const tracker = createDeliveryTracker();
    const lines = [
      ...received,
      ...toBoth,
      ...pickedUp,
      ...forFay,
      removed.replace("4A1B2C3D4E", "7F6A7B8C9D"),
    ];
    const told = records(lines).flatMap((line) => [...tracker.take(line)]);
    expect([...told, ...tracker.settle(start + laterMs)]).toMatchObject([{ to: "fay@a.example" }]);
  });

  test("and goes on to very many, while it waits for one, costs the same for each", () => {
    const lines = Array.from({ length: 3 * heldDeliveriesMax }, (_, number) =>
      toMailbox(`a${number}@b.example`),
    );
    const tracker = createDeliveryTracker();
    for (const line of records([...received, ...pickedUp, ...lines])) tracker.take(line);
    expect(tracker.readState().held?.early).toHaveLength(heldDeliveriesMax);
    tracker.settle(start + 24 * 60 * laterMs);
    expect(tracker.readState().held?.early).toEqual([]);
  });
});

test("mail without a Message-ID that a program hands back, with the one that Postfix gives it, counts once", () => {
  const nameless = received.map((line) => line.replace("<1@c.example>", "<>"));
  const named = pickedUp.map((line) => line.replace("<1@c.example>", "<20261120.5F6A7B8C9D@mail.a.example>"));
  const lines = [...nameless, toProgram(), removed, ...named, toMailbox("bob@a.example")];
  expect(track(lines)).toMatchObject([{ queueId: "5F6A7B8C9D", direction: "inbound" }]);
  const toOther = [...nameless, toProgram(), removed, ...named, toMailbox("eve@a.example")];
  expect(track(toOther)).toHaveLength(2);
  const early = [...nameless, ...named, toMailbox("bob@a.example"), toProgram(), removed];
  expect(track(early)).toMatchObject([{ queueId: "5F6A7B8C9D", direction: "inbound" }]);
  const other = named.map((line) => line.replace("<ann@c.example>", "<root@a.example>"));
  expect(track([...nameless, ...other, toMailbox("eve@a.example")])).toMatchObject([
    { direction: "internal", clientAddress: null, firstQueueId: "5F6A7B8C9D" },
  ]);
});

test("a Message-ID of any length is kept in little, and tells what came back", () => {
  const overlong = (lines: readonly string[]) =>
    lines.map((line) => line.replace("<1@", `<${"1".repeat(60_000)}@`));
  const lines = [...overlong(received), toProgram(), toProgram("fay@a.example"), removed];
  const tracker = createDeliveryTracker();
  for (const line of records(lines)) tracker.take(line);
  expect(JSON.stringify(tracker.readChanges()).length).toBeLessThan(10_000);
  expect(track([...lines, ...overlong(pickedUp), toMailbox("bob@a.example")])).toMatchObject([
    { to: "bob@a.example", direction: "inbound" },
  ]);
});

test("what goes through a program and then through a port counts once, from where it came", () => {
  const lines = [
    ...received,
    toProgram(),
    removed,
    ...pickedUp,
    "postfix/smtpd[20]: 7F6A7B8C9D: client=localhost[127.0.0.1]",
    "postfix/cleanup[21]: 7F6A7B8C9D: message-id=<1@c.example>",
    "postfix/smtp[22]: 5F6A7B8C9D: to=<bob@a.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 7F6A7B8C9D)",
    toMailbox("bob@a.example").replace("5F6A7B8C9D", "7F6A7B8C9D"),
  ];
  expect(track(lines)).toMatchObject([
    { queueId: "7F6A7B8C9D", firstQueueId: "4A1B2C3D4E", direction: "inbound" },
  ]);
});

test.each([
  ["over a port", "postfix/smtpd[20]: 5F6A7B8C9D: client=localhost[127.0.0.1]"],
  ["by sendmail(1)", "postfix/pickup[30]: 5F6A7B8C9D: uid=38 from=<list-bounces@a.example>"],
])("what a list sends on is its own, and not in the name of whoever wrote to it: %s", (_, door) => {
  const sent = ["fay@b.example", "eve@b.example"].map(
    (to) =>
      `postfix/smtp[13]: 5F6A7B8C9D: to=<${to}>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)`,
  );
  const lines = [
    ...signedIn,
    door,
    "postfix/cleanup[11]: 5F6A7B8C9D: message-id=<1@c.example>",
    "postfix/qmgr[12]: 5F6A7B8C9D: from=<list-bounces@a.example>, size=900, nrcpt=2 (queue active)",
    ...sent,
    "postfix/qmgr[12]: 5F6A7B8C9D: removed",
    toProgram("list@a.example"),
    removed,
  ];
  const told = track(lines).map(({ to, saslUsername, direction }) => [to, saslUsername, direction]);
  expect(told).toEqual([
    ["fay@b.example", null, "outbound"],
    ["eve@b.example", null, "outbound"],
    ["list@a.example", "bob@a.example", "internal"],
  ]);
});

test("mail that a program keeps in a queue of its own and hands back over a port counts once", () => {
  const back = [
    "postfix/smtpd[20]: 5F6A7B8C9D: client=localhost[127.0.0.1]",
    "postfix/cleanup[21]: 5F6A7B8C9D: message-id=<1@c.example>",
  ];
  const lines = [...received, toProgram(), removed, ...back, toMailbox("bob@a.example")];
  expect(track(lines)).toMatchObject([{ direction: "inbound", clientAddress: "203.0.113.3" }]);
});

test.each([
  ["answer first", [...received, toProgram(), removed, ...pickedUp, toMailbox("bob@a.example")]],
  ["delivered first", [...received, ...pickedUp, toMailbox("bob@a.example"), toProgram(), removed]],
])("what waits outlives a restart, wherever the log was put down: %s", (_, began) => {
  const byQueueId = (one: { queueId: string }, other: { queueId: string }) =>
    one.queueId < other.queueId ? -1 : 1;
  const lines = records([
    ...began,
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
      const { held, arrivals } = first.readChanges();
      const { messages, sessions } = first.readState();
      const kept = { messages: messages.toSorted(byQueueId), sessions, held, arrivals };
      const second = createDeliveryTracker(JSON.parse(JSON.stringify(kept)));
      const after = lines.slice(cut).flatMap((line) => [...second.take(line)]);
      expect([...before, ...after, ...second.settle(start + laterMs)]).toEqual(told);
    }),
  );
});
