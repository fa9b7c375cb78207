import { describe, expect, test } from "vitest";
import { describeFilter, type QueueFilter, queueMatcher, readQueueLine } from "./index.ts";

const line = (more: object = {}) =>
  JSON.stringify({
    queue_name: "deferred",
    queue_id: "4dB1xT2Mz1z3q",
    arrival_time: 1_800_000_000,
    message_size: 500,
    forced_expire: false,
    sender: "ann@a.example",
    recipients: [
      {
        address: "bob@gmail.com",
        delay_reason:
          "host gmail-smtp-in.l.google.com[192.0.2.26] said: 421-4.7.28 Gmail has detected an unusual rate of unsolicited mail. (in reply to end of DATA command)",
      },
    ],
    ...more,
  });

test("a message that waits is told with who put it off and what that means", () => {
  expect(readQueueLine(line())?.message).toMatchObject({
    queueId: "4dB1xT2Mz1z3q",
    queue: "deferred",
    arrivedAt: 1_800_000_000_000,
    sender: "ann@a.example",
    recipientCount: 1,
    provider: "gmail",
    category: "rate-limit",
  });
});

test.each(["", "no json", "{}", line({ queue_name: "corrupt" }), line({ queue_id: "../../etc" })])(
  "%j is no message",
  (text) => expect(readQueueLine(text)).toBeNull(),
);

describe("a filter", () => {
  const entry = readQueueLine(line());
  const matches = (filter: QueueFilter, domains: readonly string[] | null = null) =>
    entry !== null && queueMatcher(filter, domains)(entry);

  test.each<[QueueFilter, boolean]>([
    [{}, true],
    [{ queue: "hold" }, false],
    [{ sender: "ann@a.example" }, true],
    [{ sender: "@a.example" }, true],
    [{ sender: "<>" }, false],
    [{ recipient: "bob" }, true],
    [{ domain: "gmail.com" }, true],
    [{ domain: "mail.com" }, false],
    [{ provider: "gmail", category: "rate-limit" }, true],
    [{ category: "connection" }, false],
    [{ arrivedUntil: 1_799_999_999_999 }, false],
  ])("of %j takes it: %s", (filter, isTaken) => {
    expect(matches(filter)).toBe(isTaken);
  });

  test("shows nobody the mail of other domains than his own", () => {
    expect(matches({}, ["a.example"])).toBe(true);
    expect(matches({}, ["b.example"])).toBe(false);
  });

  test("is kept without the addresses that it names", () => {
    expect(describeFilter({ sender: "ann@a.example", domain: "a.example", queue: "hold" })).toEqual({
      queue: "hold",
      sender: true,
      domain: true,
    });
  });
});
