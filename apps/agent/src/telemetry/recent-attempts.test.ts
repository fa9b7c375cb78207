import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LogRecord, postfixProgram } from "@mailstead/core/delivery";
import { beforeEach, expect, test } from "vitest";
import { searchTrace } from "../trace/search-trace.ts";
import type { MailLog } from "./mail-log.ts";
import { openDeliveryReader } from "./read-deliveries.ts";
import { readReadState } from "./read-state.ts";
import { readRecentAttempts } from "./recent-attempts.ts";
import { readFirstBatch } from "./spool.ts";
import { withStore } from "./store.ts";

let storePath: string;
let now: number;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-attempts-"));
  storePath = join(folder, "telemetry.sqlite");
  now = Date.parse("2026-11-30T12:00:00Z");
  return () => rmSync(folder, { recursive: true });
});

const probe = "probe@0af3.probe.mailstead.invalid";
const message = (id: string, { login, from, ends }: { login: string; from: string; ends: string }) => [
  `postfix/submission/smtpd[10]: ${id}: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=${login}`,
  `postfix/cleanup[11]: ${id}: message-id=<${id}@a.example>`,
  `postfix/qmgr[12]: ${id}: from=<${from}>, size=700, nrcpt=1 (queue active)`,
  `postfix/${ends.includes("dovecot") ? "lmtp" : "smtp"}[13]: ${id}: ${ends}`,
  `postfix/qmgr[12]: ${id}: removed`,
];
const ofPerson = (id: string, status: string) =>
  message(id, {
    login: "ann@a.example",
    from: "ann@a.example",
    ends: `to=<bob@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0.1/0/0.5/0.4, dsn=2.0.0, status=${status} (said so)`,
  });
const ofProbe = (id: string, status: string) =>
  message(id, {
    login: probe,
    from: "mailstead-probe-0af3@a.example",
    ends: `to=<${probe}>, relay=mail.a.example[/run/dovecot/postfix-lmtp], delay=1, delays=0.1/0/0.5/0.4, dsn=2.0.0, status=${status} (said so)`,
  });
const refusal = (stage: string, envelope: string) =>
  `postfix/smtpd[14]: NOQUEUE: reject: ${stage} from mx.c.example[192.0.2.8]: 550 5.1.1 <x@a.example>: Recipient address rejected: User unknown; ${envelope} proto=ESMTP helo=<mx.c.example>`;

async function readLines(...lines: string[]): Promise<void> {
  const log: MailLog = {
    source: "memory",
    async read(start, onRecord) {
      const parse = (line: string): LogRecord => {
        const [, program = "", pid, text = ""] = /^(\S+)\[(\d+)\]: (.*)$/.exec(line) ?? [];
        expect(postfixProgram(program)).not.toBeNull();
        return { at: now, program, pid: Number(pid), message: text };
      };
      if (start !== null) for (const line of lines) onRecord(parse(line), () => "1");
      return "1";
    },
  };
  const seen = { take: () => undefined, keep: async () => undefined };
  const state = await readReadState(storePath);
  const reader = openDeliveryReader({ storePath, log, state, nowUnixMs: () => now, seen });
  await reader.read();
  // The first reading only finds out where the log ends.
  if (state.position === null) await reader.read();
}

const recent = () => withStore(storePath, (database) => readRecentAttempts(database, now));

test("what came of the attempts of the last minutes is told, and forgotten when they are over", async () => {
  expect(await recent()).toBeNull();
  await readLines(
    ...ofPerson("4A1B2C11", "sent"),
    ...ofPerson("4A1B2C12", "deferred"),
    ...ofPerson("4A1B2C13", "bounced"),
    refusal("RCPT", "from=<eve@c.example> to=<x@a.example>"),
  );
  expect(await recent()).toEqual({ sent: 1, deferred: 1, bounced: 1, rejected: 1 });
  now += 10 * 60_000;
  await readLines(...ofPerson("4A1B2C14", "sent"));
  expect(await recent()).toEqual({ sent: 2, deferred: 1, bounced: 1, rejected: 1 });
  now += 10 * 60_000;
  await readLines();
  expect(await recent()).toEqual({ sent: 1, deferred: 0, bounced: 0, rejected: 0 });
});

test("a log that was not read up to now tells nothing", async () => {
  await readLines(...ofPerson("4A1B2C11", "sent"));
  now += 4 * 60_000;
  expect(await recent()).toBeNull();
});

test("a connection that is refused before it names a recipient is no message that was refused", async () => {
  await readLines(
    "postfix/smtpd[14]: NOQUEUE: milter-reject: CONNECT from x.example[192.0.2.8]: 451 4.7.1 Service unavailable - try again later; proto=SMTP",
  );
  expect(await recent()).toEqual({ sent: 0, deferred: 0, bounced: 0, rejected: 0 });
});

test("what the host writes to itself to try its mail is in no count, no record of an account and no trace", async () => {
  await readLines(
    ...ofProbe("4A1B2C11", "sent"),
    ...ofProbe("4A1B2C12", "deferred"),
    ...ofProbe("4A1B2C13", "bounced"),
  );
  expect(await recent()).toEqual({ sent: 0, deferred: 0, bounced: 0, rejected: 0 });
  expect(await readFirstBatch(storePath, "delivery")).toBeNull();
  await withStore(storePath, (database) => {
    expect(database.prepare("select address from accounts").all()).toEqual([]);
    for (const criteria of [{ domain: "a.example" }, { queueId: "4A1B2C11" }, { recipient: probe }])
      expect(searchTrace(database, { ...criteria, visibleDomains: null } as never).messages).toEqual([]);
  });
});
