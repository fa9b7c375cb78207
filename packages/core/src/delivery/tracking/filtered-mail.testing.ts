import { type LogRecord, parseSyslogLine } from "../log-lines/log-record.ts";
import { createDeliveryTracker } from "./delivery-tracker.ts";
import type { TrackedDelivery } from "./tracked-delivery.ts";

export const start = Date.parse("2026-11-20T10:00:00Z");
export const laterMs = 60_000;

/** Lines as `program[pid]: message`, a tenth of a second apart. */
export function records(lines: readonly string[]): LogRecord[] {
  return lines.flatMap((line, index) => {
    const stamp = new Date(start + index * 100).toISOString();
    return parseSyslogLine(`${stamp} mail ${line}`, start) ?? [];
  });
}

/** What a log tells by a minute after its end. */
export function track(lines: readonly string[]): TrackedDelivery[] {
  const tracker = createDeliveryTracker();
  const told = records(lines).flatMap((line) => [...tracker.take(line)]);
  return [...told, ...tracker.settle(start + laterMs)];
}

export const received = [
  "postfix/smtpd[10]: 4A1B2C3D4E: client=mx.c.example[203.0.113.3]",
  "postfix/cleanup[11]: 4A1B2C3D4E: message-id=<1@c.example>",
  "postfix/qmgr[12]: 4A1B2C3D4E: from=<ann@c.example>, size=700, nrcpt=1 (queue active)",
];
export const signedIn = [
  "postfix/submission/smtpd[10]: 4A1B2C3D4E: client=desk.a.example[198.51.100.7], sasl_method=PLAIN, sasl_username=bob@a.example",
  "postfix/cleanup[11]: 4A1B2C3D4E: message-id=<1@c.example>",
  "postfix/qmgr[12]: 4A1B2C3D4E: from=<bob@a.example>, size=700, nrcpt=1 (queue active)",
];
export const toProgram = (to = "bob@a.example") =>
  `postfix/pipe[22]: 4A1B2C3D4E: to=<${to}>, relay=spamfilter, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered via spamfilter service)`;
export const removed = "postfix/qmgr[12]: 4A1B2C3D4E: removed";
export const pickedUp = [
  "postfix/pickup[30]: 5F6A7B8C9D: uid=112 from=<ann@c.example>",
  "postfix/cleanup[11]: 5F6A7B8C9D: message-id=<1@c.example>",
  "postfix/qmgr[12]: 5F6A7B8C9D: from=<ann@c.example>, size=900, nrcpt=1 (queue active)",
];
export const toMailbox = (to: string, rest = "") =>
  `postfix/lmtp[31]: 5F6A7B8C9D: to=<${to}>,${rest} relay=mail.a.example[private/dovecot-lmtp], delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Saved)`;
