import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DeliveryCount, deliveryBatchSchema } from "@mailstead/core/delivery";
import { beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type Argv, type Host, pathUnder, realHost } from "../platform/host.ts";
import type { RunOptions } from "../platform/run-command.ts";
import { deliverySource } from "./delivery-source.ts";
import { exportedEntry } from "./journal-export.testing.ts";
import { closeStores, withStore } from "./store.ts";

let folder: string;
let now: number;
let isJournalGone: boolean;
let journal: { at: number; program: string; message: string }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mailstead-source-"));
  mkdirSync(join(folder, "etc/postfix"), { recursive: true });
  now = start;
  journal = [];
  isJournalGone = false;
  return () => {
    closeStores();
    rmSync(folder, { recursive: true });
  };
});

const storePath = () => join(folder, "telemetry.sqlite");
const start = Date.parse("2026-11-20T10:00:00Z");
const logTo = (file: string | null) =>
  writeFileSync(join(folder, "etc/postfix/main.cf"), file === null ? "" : `maillog_file = ${file}\n`);

/** Answers as journalctl does, whose cursors are places in the journal here. */
async function journalctl(argv: Argv, { onOutput }: RunOptions = {}) {
  if (isJournalGone) return { exitCode: 1, stdout: "", stderr: "no journal", hasTimedOut: false };
  const value = (name: string) => argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  const [since, cursor, lines] = [value("since"), value("cursor"), value("lines")];
  const chosen = journal
    .map((entry, place) => ({ ...entry, place }))
    .filter(({ at, place }) => place >= Number(cursor ?? 0) && at >= Number(since?.slice(1) ?? 0) * 1000)
    .slice(lines === undefined ? 0 : -Number(lines));
  for (const { at, program, message, place } of chosen)
    onOutput?.(
      exportedEntry({
        __CURSOR: String(place),
        __REALTIME_TIMESTAMP: String(at * 1000),
        SYSLOG_IDENTIFIER: program,
        MESSAGE: message,
      }),
    );
  return { exitCode: 0, stdout: "", stderr: "", hasTimedOut: false };
}

const host = (): Host => ({
  ...realHost(),
  path: pathUnder(folder),
  nowUnixMs: () => now,
  run: journalctl,
});

const sentTo = (name: string) =>
  `4A1B2C3D4E: to=<${name}@b.example>, relay=mail.a.example[private/dovecot-lmtp], delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok)`;
/** What is logged is logged by the clock. */
function toJournal(afterS: number, name: string): void {
  now = start + afterS * 1000 + 400;
  journal.push({ at: now, program: "postfix/lmtp", message: sentTo(name) });
}
function toFile(file: string, afterS: number, name: string): void {
  now = start + afterS * 1000;
  const stamp = new Date(now).toISOString().replace(".000Z", "+00:00");
  appendFileSync(join(folder, file), `${stamp} mail postfix/lmtp[7]: ${sentTo(name)}\n`);
}

async function countedAttempts(): Promise<number> {
  const row = z.object({ batch: z.string() });
  const batches = await withStore(storePath(), (database) =>
    database.prepare("select batch from spool where stream = 'delivery'").all(),
  );
  const counts = batches.flatMap(
    (found): readonly DeliveryCount[] => deliveryBatchSchema.parse(JSON.parse(row.parse(found).batch)).counts,
  );
  return counts.reduce((sum, { attempts }) => sum + attempts, 0);
}

test("a log that is told to go elsewhere loses no line between both, and counts none of an earlier time", async () => {
  logTo(null);
  toJournal(-60, "before");
  let source = deliverySource(host(), storePath());
  await source.read();
  expect(await countedAttempts()).toBe(0);

  toJournal(1, "one");
  await source.read();
  toJournal(5, "two");
  toFile("mail.log", -3600, "of an earlier time");
  toFile("mail.log", 10, "three");
  logTo("/mail.log");
  await source.read();
  expect(await countedAttempts()).toBe(3);

  toFile("mail.log", 20, "four");
  toJournal(30, "five");
  logTo(null);
  // Also by an agent that was started anew meanwhile, which does not look back into the log that was told off.
  await source.read();
  expect(await countedAttempts()).toBe(5);
  source = deliverySource(host(), storePath());
  toFile("other.log", 40, "six");
  logTo("/other.log");
  await source.read();
  await source.read();
  expect(await countedAttempts()).toBe(6);
});

test("a log that is told to go elsewhere within a second loses no line of that second, to a file as to the journal", async () => {
  logTo(null);
  const source = deliverySource(host(), storePath());
  await source.read();
  toJournal(5, "one");
  for (const name of ["two", "three"]) toFile("mail.log", 5, name);
  logTo("/mail.log");
  await source.read();
  expect(await countedAttempts()).toBe(3);

  toFile("mail.log", 20, "four");
  journal.push({ at: start + 20_000, program: "postfix/lmtp", message: sentTo("five") });
  logTo(null);
  await source.read();
  expect(await countedAttempts()).toBe(5);
});

test("a log that is told to go elsewhere is followed until Postfix goes there, and the new one from there on", async () => {
  logTo(null);
  let source = deliverySource(host(), storePath());
  await source.read();
  // main.cf was edited, and Postfix is still to be told to reload.
  logTo("/mail.log");
  toJournal(1, "one");
  await source.read();
  expect(await countedAttempts()).toBe(1);
  toFile("mail.log", -3600, "of an earlier time");
  for (const [at, name] of ["two", "three"].entries()) toJournal(61 + at, name);
  await source.read();
  expect(await countedAttempts()).toBe(3);
  // Also by an agent that was started anew meanwhile.
  source = deliverySource(host(), storePath());
  toJournal(119, "four");
  toFile("mail.log", 120, "five");
  await source.read();
  expect(await countedAttempts()).toBe(5);
  toFile("mail.log", 130, "six");
  await source.read();
  expect(await countedAttempts()).toBe(6);
});

test("what other programs log to the journal neither makes a log begin nor hides where the new one does", async () => {
  const dovecot = (afterS: number) =>
    journal.push({ at: start + afterS * 1000, program: "dovecot", message: "imap-login: Login: user=<a>" });
  logTo(null);
  let source = deliverySource(host(), storePath());
  await source.read();
  toJournal(1, "one");
  toFile("mail.log", 10, "two");
  dovecot(20);
  logTo("/mail.log");
  await source.read();
  expect(await countedAttempts()).toBe(2);

  logTo(null);
  dovecot(30);
  await source.read();
  source = deliverySource(host(), storePath());
  toFile("mail.log", 40, "three");
  await source.read();
  expect(await countedAttempts()).toBe(3);
});

test("a log that was told off and is back before Postfix has left it counts each line once", async () => {
  logTo("/mail.log");
  toFile("mail.log", -60, "before");
  const source = deliverySource(host(), storePath());
  await source.read();
  for (const [at, file] of ["/other.log", "/mail.log", null, "/mail.log"].entries()) {
    logTo(file);
    toFile("mail.log", at + 1, `at-${at}`);
    await source.read();
    expect(await countedAttempts()).toBe(at + 1);
  }
});

test("a clock that was ahead and was put right makes a log that is told to go elsewhere lose no line", async () => {
  logTo(null);
  const source = deliverySource(host(), storePath());
  await source.read();
  toJournal(7200, "one");
  await source.read();
  toJournal(5, "two");
  await source.read();
  toFile("mail.log", 10, "three");
  logTo("/mail.log");
  await source.read();
  expect(await countedAttempts()).toBe(3);

  // Also where nothing more came into the log that was told off.
  toFile("mail.log", 7200, "four");
  await source.read();
  now = start + 20_000;
  await source.read();
  toFile("other.log", 30, "five");
  logTo("/other.log");
  await source.read();
  expect(await countedAttempts()).toBe(5);
});

test("a log that was told off and cannot be read any more holds up the new one for minutes and not for ever", async () => {
  logTo(null);
  const source = deliverySource(host(), storePath());
  await source.read();
  isJournalGone = true;
  logTo("/mail.log");
  toFile("mail.log", 10, "one");
  const giveUp = async (message: string) => {
    for (let minute = 1; minute < 5; minute += 1) await expect(source.read()).rejects.toThrow(message);
    await source.read();
  };
  await giveUp("no journal");
  expect(await countedAttempts()).toBe(1);

  // The next one as well, and no sooner, whatever was said in between.
  await source.read();
  rmSync(join(folder, "mail.log"));
  mkdirSync(join(folder, "mail.log"));
  toFile("other.log", 30, "two");
  logTo("/other.log");
  for (let minute = 1; minute < 4; minute += 1) await expect(source.read()).rejects.toThrow("EISDIR");
  logTo("/mail.log");
  await expect(source.read()).rejects.toThrow("EISDIR");
  logTo("/other.log");
  await giveUp("EISDIR");
  expect(await countedAttempts()).toBe(2);
});

test("a log that was told off and cannot be read is not given up before the new one has begun", async () => {
  logTo(null);
  const source = deliverySource(host(), storePath());
  await source.read();
  toJournal(1, "one");
  isJournalGone = true;
  logTo("/mail.log");
  for (let minute = 1; minute < 9; minute += 1) await expect(source.read()).rejects.toThrow("no journal");
  isJournalGone = false;
  toFile("mail.log", 600, "two");
  await source.read();
  expect(await countedAttempts()).toBe(2);
});

test("the log is the one that main.cf names last, as Postfix takes it, and the journal where it names none there", async () => {
  const mainCf = (text: string) => writeFileSync(join(folder, "etc/postfix/main.cf"), text);
  const source = deliverySource(host(), storePath());
  mainCf("maillog_file = /old.log\nmyhostname = a.example\nmaillog_file=\n  /mail.log\n");
  await source.read();
  toFile("mail.log", 1, "one");
  await source.read();
  expect(await countedAttempts()).toBe(1);
  mainCf("maillog_file = /mail.log\nmaillog_file =\nmyhostname = a.example\n");
  toJournal(10, "two");
  await source.read();
  expect(await countedAttempts()).toBe(2);
});
