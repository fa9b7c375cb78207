import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDeliveryLine } from "./delivery-line.ts";
import { type MessageStep, readMessageStep } from "./message-step.ts";
import { parseQueueLine } from "./queue-line.ts";
import { quickDelivery, quickMessageId, quickQueued, quickReceived, quickTlsSession } from "./quick-lines.ts";
import { parseMessageReceivingLine, parseTlsSession } from "./session-line.ts";

/** What the grammar alone makes of a line. */
function byGrammar(daemon: string, message: string): MessageStep["line"] | null {
  return (
    parseDeliveryLine(message) ??
    parseQueueLine(daemon, message) ??
    parseMessageReceivingLine(message) ??
    (message.startsWith("disconnect from ") ? { kind: "disconnected" as const } : parseTlsSession(message))
  );
}

const read = (daemon: string, message: string) =>
  readMessageStep({ at: 0, program: `postfix/${daemon}`, pid: 1, message })?.line ?? null;

const queueId = fc.oneof(
  fc.stringMatching(/^[0-9A-F]{5,12}$/),
  fc.stringMatching(/^[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{11,16}$/),
);
const odd = fc.string({
  unit: fc.constantFrom("a", "B", "1", ".", "-", "_", "=", ",", " ", "[", "]", ">", "(", ":", "ü"),
  maxLength: 8,
});
const address = fc.oneof(
  fc
    .tuple(fc.stringMatching(/^[a-z.+=-]{1,12}$/), fc.domain())
    .map(([local, domain]) => `${local}@${domain}`),
  fc.constant(""),
  odd,
);
const ip = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom("unknown", "private/dovecot-lmtp", "1234", "FE80::1"),
);
const host = fc
  .tuple(
    fc.oneof(fc.domain(), fc.constantFrom("unknown", ""), odd),
    ip,
    fc.constantFrom("", ":25", ":123456", ":"),
  )
  .map(([name, where, port]) => `${name}[${where}]${port}`);
const relay = fc.oneof(host, fc.constantFrom("none", "local", "virtual", "dovecot"));
const number = fc.oneof(fc.stringMatching(/^\d{1,4}$/), fc.stringMatching(/^\d{1,3}\.\d{1,3}$/), odd);
const maybe = (text: fc.Arbitrary<string>) => fc.oneof({ weight: 2, arbitrary: fc.constant("") }, text);
const reply = fc.oneof(
  fc.constantFrom(
    "250 2.0.0 Ok: queued as 4A1B2C3D4E",
    "host mx.b.example[192.0.2.9] said: 450 4.7.1 Later (in reply to RCPT TO command)",
  ),
  fc.string({ maxLength: 30 }),
);

const text = (parts: TemplateStringsArray, ...values: fc.Arbitrary<string>[]) =>
  fc.tuple(...values).map((told) => parts.map((part, at) => part + (told[at] ?? "")).join(""));

const delays = fc.oneof(text`${number}/${number}/${number}/${number}`, odd);
const status = fc.constantFrom(
  "sent",
  "deferred",
  "bounced",
  "expired",
  "undeliverable",
  "deliverable",
  "lost",
);
const lines: readonly (readonly [daemon: string, line: fc.Arbitrary<string>])[] = [
  [
    "smtp",
    text`${queueId}: to=<${address}>${maybe(text`, orig_to=<${address}>`)}, relay=${relay}${maybe(text`, conn_use=${number}`)}, delay=${number}${maybe(text`, delays=${delays}`)}${maybe(text`, tls=${fc.constantFrom("may", "may?", "dane/requiretls", "")}`)}${maybe(text`, dsn=${fc.constantFrom("2.0.0", "4.7.650", "x", "")}`)}, status=${status}${maybe(text` (${reply})`)}${fc.constantFrom("", ")")}`,
  ],
  [
    "cleanup",
    text`${queueId}: ${maybe(fc.constant("resent-"))}message-id=${maybe(fc.constant("<"))}${address}${maybe(fc.constant(">"))}`,
  ],
  [
    "qmgr",
    text`${queueId}: from=<${address}>, size=${number}, nrcpt=${number}${fc.constantFrom(" (queue active)", "", " (queue hold)")}`,
  ],
  ["qmgr", text`${queueId}: removed${maybe(odd)}`],
  ["qmgr", text`${queueId}: from=<${address}>, status=expired, returned to sender`],
  [
    "smtpd",
    text`${queueId}: client=${host}${maybe(text`, sasl_method=${odd}, sasl_username=${address}`)}${maybe(text`, orig_queue_id=${queueId}, orig_client=${host}`)}`,
  ],
  [
    "smtpd",
    text`${fc.constantFrom("NOQUEUE", "4A1B2C3D4E")}: reject: RCPT from ${host}: 550 5.1.1 <${address}>: No; from=<${address}> to=<${address}> proto=ESMTP helo=<x>`,
  ],
  [
    "smtpd",
    text`${fc.constantFrom("connect", "disconnect", "lost connection after AUTH")} from ${host}${odd}`,
  ],
  [
    "smtp",
    text`${fc.constantFrom("Trusted", "Anonymous", "Untrusted", "Verified", "Odd")} TLS connection ${fc.constantFrom("established", "reused")} ${fc.constantFrom("to", "from")} ${host}${fc.constantFrom("", " with smtp.a.example")}: ${fc.constantFrom("TLSv1.3", "TLSv1.2", "", "x".repeat(21))} with cipher A (256/256 bits)`,
  ],
];
const line = fc.oneof(...lines.map(([daemon, told]) => fc.tuple(fc.constant(daemon), told)));
const daemon = fc.constantFrom("smtp", "smtpd", "cleanup", "qmgr", "lmtp", "bounce", "postsuper", "pickup");

test("a line is read as its grammar says, however it is written", () => {
  fc.assert(
    fc.property(line, ([own, message]) => {
      expect(read(own, message)).toEqual(byGrammar(own, message));
    }),
    { numRuns: 3000 },
  );
});

test("a line that was harmed, or that another daemon wrote, is read as its grammar says and never a mistake", () => {
  const harm = fc.record({ at: fc.nat(200), cut: fc.nat(5), put: odd });
  fc.assert(
    fc.property(line, daemon, fc.array(harm, { maxLength: 3 }), ([own, message], other, harms) => {
      const harmed = harms.reduce(
        (told, { at, cut, put }) => told.slice(0, at) + put + told.slice(at + cut),
        message,
      );
      for (const name of [own, other]) expect(read(name, harmed)).toEqual(byGrammar(name, harmed));
    }),
    { numRuns: 3000 },
  );
});

test("the lines that most of a log is made of are read without the patterns of their grammar", () => {
  const id = "4A1B2C3D4E";
  const after = id.length;
  const told =
    "to=<a@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1.2, delays=0.1/0.02/1/0.38, dsn=2.0.0";
  expect(quickDelivery(`${id}: ${told}, status=sent (250 Ok)`, after)).not.toBeNull();
  expect(quickMessageId(`${id}: message-id=<1@a.example>`, after)).not.toBeNull();
  expect(quickQueued(`${id}: from=<a@b.example>, size=7, nrcpt=1 (queue active)`, after)).not.toBeNull();
  expect(quickQueued(`${id}: removed`, after)).not.toBeNull();
  expect(
    quickReceived(`${id}: client=unknown[::1], sasl_method=PLAIN, sasl_username=a`, after),
  ).not.toBeNull();
  expect(
    quickTlsSession(
      "Trusted TLS connection established to mx.b.example[192.0.2.9]:25: TLSv1.3 with cipher A (256/256 bits)",
    ),
  ).not.toBeNull();
});
