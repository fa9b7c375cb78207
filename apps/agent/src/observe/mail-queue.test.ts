import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Host } from "../platform/host.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { readMailQueue } from "./mail-queue.ts";

let host: FakeHost;
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "queue-")));
  host.write("/etc/postfix/main.cf", "");
});
afterEach(() => rmSync(host.root, { recursive: true }));

const hourMs = 3_600_000;
const now = 1_800_000_000_000;

/** A line as postqueue of Postfix 3.10 writes it. */
function message(queue: string, ageMs: number, sender = "a@alpha.example", reason?: string): string {
  const arrival = Math.floor((now - ageMs) / 1000);
  return `{"queue_name": "${queue}", "queue_id": "4dB1", "arrival_time": ${arrival}, "message_size": 500, "forced_expire": false, "sender": "${sender}", "recipients": [${recipient(reason)}]}`;
}

function recipient(reason: string | undefined): string {
  const why = reason === undefined ? "" : `, "delay_reason": ${JSON.stringify(reason)}`;
  return `{"address": "b@far.example"${why}}`;
}

function read(lines: readonly string[]) {
  const withQueue: Host = {
    ...host,
    nowUnixMs: () => now,
    async run(_argv, options) {
      for (const line of lines) options?.onLine?.(line);
      return { exitCode: 0, stdout: "", stderr: "", hasTimedOut: false };
    },
  };
  return readMailQueue(withQueue);
}

it("tells the oldest message, and how many wait for long", async () => {
  const lines = [message("active", 5_000), message("deferred", 5 * hourMs), message("deferred", hourMs)];
  expect(await read(lines)).toEqual({
    queueSizeMessages: 3,
    queueOldestAtUnixMs: now - 5 * hourMs,
    queueLateMessages: 1,
    queueUntakenMessages: 0,
    queueWaiting: [],
  });
});

it("counts what Postfix has not taken up, and not what it tries again after days", async () => {
  const lines = [
    message("incoming", 2 * hourMs),
    message("maildrop", 60_000),
    message("active", 90 * hourMs),
  ];
  expect(await read(lines)).toMatchObject({ queueUntakenMessages: 1, queueLateMessages: 1 });
});

it("lets messages on hold wait, and believes nothing that a sender wrote", async () => {
  const forged = 'x\\"queue_name\\": \\"incoming\\", \\"arrival_time\\": 1,';
  expect(await read([message("hold", 90 * hourMs, forged)])).toEqual({
    queueSizeMessages: 1,
    queueOldestAtUnixMs: null,
    queueLateMessages: 0,
    queueUntakenMessages: 0,
    queueWaiting: [],
  });
});

it("knows nothing without Postfix", async () => {
  rmSync(host.path("/etc/postfix/main.cf"));
  expect(await read([])).toMatchObject({ queueSizeMessages: null, queueLateMessages: null });
});

it("tells what waits for each receiver, by the host that put it off and by nothing that a sender wrote", async () => {
  const outlook = "host example-com.mail.protection.outlook.com[52.101.1.1] said: 451 4.7.500 Server busy";
  const gmail = "lost connection with gmail-smtp-in.l.google.com[142.250.1.27] while sending RCPT TO";
  const forged = 'x", "delay_reason": "host gmail-smtp-in.l.google.com[';
  const lines = [
    message("deferred", 3 * hourMs, "a@alpha.example", outlook),
    message("deferred", 60_000, "a@alpha.example", outlook),
    message("deferred", 2 * hourMs, "a@alpha.example", gmail),
    message("active", 2 * hourMs, "a@alpha.example", gmail),
    message("deferred", 2 * hourMs, JSON.stringify(forged).slice(1, -1)),
    message("deferred", 2 * hourMs, "a@alpha.example", "host mx.other.example[192.0.2.1] said: 450 later"),
  ];
  expect((await read(lines)).queueWaiting).toEqual([
    { provider: "microsoft365", messages: 2, lateMessages: 1, oldestAtUnixMs: now - 3 * hourMs },
    { provider: "gmail", messages: 1, lateMessages: 1, oldestAtUnixMs: now - 2 * hourMs },
  ]);
});
