import { expect, test } from "vitest";
import { parsePostfixLine } from "./postfix-line.ts";

test("an attempt is read with its relay, its delays and the receiver's words", () => {
  expect(
    parsePostfixLine(
      "smtp",
      "4XyZ0j1Bz3zqD1L: to=<a@b.example>, orig_to=<c@d.example>, relay=mx.b.example[2001:db8::1]:25, conn_use=2, delay=1.5, delays=0.1/0.02/1/0.38, dsn=4.7.1, status=deferred (host mx.b.example[2001:db8::1] said: 450 4.7.1 Later (in reply to RCPT TO command))",
    ),
  ).toEqual({
    kind: "delivery",
    queueId: "4XyZ0j1Bz3zqD1L",
    to: "a@b.example",
    originalTo: "c@d.example",
    relay: { name: "mx.b.example", address: "2001:db8::1", socket: null, port: 25 },
    relayName: "mx.b.example[2001:db8::1]:25",
    connectionUse: 2,
    delayS: 1.5,
    delays: { beforeQueueManagerS: 0.1, inQueueManagerS: 0.02, connectionS: 1, transmissionS: 0.38 },
    tls: null,
    dsn: "4.7.1",
    status: "deferred",
    reply: "host mx.b.example[2001:db8::1] said: 450 4.7.1 Later (in reply to RCPT TO command)",
  });
});

test("a line that tells nothing we know is nothing, and never a mistake", () => {
  for (const message of ["", "hello", "ABC: to=<", "4XyZ0j1Bz3zqD1L: from=<a@b>, size=x"])
    expect(parsePostfixLine("smtp", message)).toBeNull();
});

// Each form that Postfix's daemons write, with the fields that are particular to it.
test.each<[daemon: string, message: string, fields: Record<string, unknown>]>([
  [
    "smtp",
    "lost connection with mx.b.example[192.0.2.9]",
    { kind: "lost-relay", how: "lost connection", stage: null },
  ],
  [
    "smtp",
    "4A1B2C3D4E: enabling PIX workarounds: disable_esmtp delay_dotcrlf for mx.b.example[192.0.2.9]:25",
    { kind: "odd-receiver", queueId: "4A1B2C3D4E", detail: "disable_esmtp delay_dotcrlf" },
  ],
  [
    "smtp",
    "host mx.b.example[192.0.2.9] offers SMTPUTF8 support, but not 8BITMIME",
    { kind: "odd-receiver", what: "SMTPUTF8 without 8BITMIME", queueId: null },
  ],
  [
    "smtpd",
    "improper command pipelining after HELO from unknown[192.0.2.9]: QUIT\\r\\n",
    { kind: "lost-client", how: "improper command pipelining", stage: "HELO", detail: "QUIT\\r\\n" },
  ],
  [
    "postscreen",
    "NOQUEUE: reject: CONNECT from [192.0.2.9]:4711: all server ports busy",
    { kind: "refusal", reason: "all server ports busy", client: { address: "192.0.2.9", port: 4711 } },
  ],
  [
    "postscreen",
    "CONNECT from [2001:db8::9]:4711 to [198.51.100.1]:25",
    { kind: "at-the-door", address: "2001:db8::9", server: { address: "198.51.100.1", port: 25 } },
  ],
  ["postscreen", "DNSBL rank 8 for [192.0.2.9]:4711", { kind: "listed-client", rank: 8, port: 4711 }],
  [
    "scache",
    "statistics: max simultaneous domains=1 addresses=2 connection=3",
    { kind: "cached-connections", domains: 1, addresses: 2, connections: 3 },
  ],
  [
    "cleanup",
    "4A1B2C3D4E: reject: header Subject: Win from mx.b.example[192.0.2.9]; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<x>: 5.7.1 No",
    { kind: "header-changed", action: "reject", found: "Subject: Win", text: "5.7.1 No" },
  ],
  [
    "cleanup",
    "4A1B2C3D4E: hold: header X: y from local; from=<a@b.example>",
    { kind: "header-changed", action: "hold", client: "local", text: null },
  ],
])("%s: %s", (daemon, message, fields) => {
  expect(parsePostfixLine(daemon, message)).toMatchObject(fields);
});
