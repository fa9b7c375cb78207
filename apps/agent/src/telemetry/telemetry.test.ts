import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deliveryBatchSchema, type LogRecord } from "@mailstead/core/delivery";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { pathUnder, realHost } from "../platform/host.ts";
import { searchTrace } from "../trace/search-trace.ts";
import { openFileLog } from "./file-log.ts";
import type { MailLog } from "./mail-log.ts";
import { ownAddressFor } from "./own-address.ts";
import { openDeliveryReader } from "./read-deliveries.ts";
import { keepReading, readReadState } from "./read-state.ts";
import { forgetStored, readFirstBatch } from "./spool.ts";
import { withStore } from "./store.ts";
import { keepStream, readStreamState } from "./stream-state.ts";

let folder: string;
let storePath: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mailstead-telemetry-"));
  storePath = join(folder, "telemetry.sqlite");
  return () => rmSync(folder, { recursive: true });
});

const minute = Date.parse("2026-11-20T10:00:00Z");

/** The lines of one message that is delivered. */
function linesOf(id: string): string[] {
  return [
    `postfix/submission/smtpd[10]: ${id}: client=desk.a.example[198.51.100.7], sasl_username=ann@a.example`,
    `postfix/cleanup[11]: ${id}: message-id=<${id}@a.example>`,
    `postfix/qmgr[12]: ${id}: from=<ann@a.example>, size=700, nrcpt=1 (queue active)`,
    `postfix/smtp[13]: ${id}: to=<bob@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0.1/0/0.5/0.4, dsn=2.0.0, status=sent (250 2.0.0 Ok)`,
    `postfix/qmgr[12]: ${id}: removed`,
  ];
}

/** A log in memory that may break off after some lines; its cursor is the number of lines read. */
function memoryLog(): MailLog & { lines: string[]; breaksAfter: number } {
  const log = {
    source: "memory",
    lines: [] as string[],
    breaksAfter: Number.POSITIVE_INFINITY,
    async read(cursor: string | null, onRecord: (record: LogRecord, readCursor: () => string) => void) {
      const from = cursor === null ? log.lines.length : Number(cursor);
      for (let at = from; at < log.lines.length; at += 1) {
        if (at - from >= log.breaksAfter) throw new Error("the log broke off");
        const [, program = "", pid, message = ""] = /^(\S+)\[(\d+)\]: (.*)$/.exec(log.lines[at] ?? "") ?? [];
        onRecord({ at: minute + at, program, pid: Number(pid), message }, () => String(at + 1));
      }
      return String(log.lines.length);
    },
  };
  return log;
}

/** What the control plane does with what it is sent: each number of an epoch once. */
function receiver() {
  const stored = new Map<string, number>();
  let attempts = 0;
  return {
    attempts: () => attempts,
    take(sent: { epoch: string; sequence: number; batch: unknown }) {
      const known = stored.get(sent.epoch) ?? 0;
      if (sent.sequence > known) {
        stored.set(sent.epoch, sent.sequence);
        for (const count of deliveryBatchSchema.parse(sent.batch).counts) attempts += count.attempts;
      }
      return { epoch: sent.epoch, sequence: Math.max(known, sent.sequence) };
    },
  };
}

const openReader = async (log: MailLog) =>
  openDeliveryReader({
    storePath,
    log,
    state: await readReadState(storePath),
    nowUnixMs: () => minute,
    seen: { take: () => undefined, keep: async () => undefined },
  });

/** Every message stands in the index of the host once, with all that was logged of it. */
async function expectIndexedOnce(messages: number): Promise<void> {
  const queueIds = Array.from({ length: messages }, (_, at) => `4A1B2C${at + 11}`);
  await withStore(storePath, (database) => {
    const found = searchTrace(database, { sender: "ann@a.example", visibleDomains: null }).messages;
    expect(found.map(({ queueId }) => queueId).sort()).toEqual(queueIds.sort());
    for (const message of found)
      expect(message).toMatchObject({
        messageId: `${message.queueId}@a.example`,
        saslUsername: "ann@a.example",
        endedAt: expect.any(Number),
        events: [{ kind: "attempt", to: "bob@b.example", status: "sent" }],
      });
  });
}

test("each delivery counts once, wherever the agent is killed, the log breaks off or an answer is lost", async () => {
  const step = fc.constantFrom("log", "read", "break", "restart", "send", "send-unheard");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      rmSync(storePath, { force: true });
      const log = memoryLog();
      const there = receiver();
      let reader = await openReader(log);
      await reader.read();
      let messages = 0;
      for (const [at, what] of steps.entries()) {
        if (what === "log") {
          messages += 1;
          log.lines.push(...linesOf(`4A1B2C${messages + 10}`));
        } else if (what === "restart") reader = await openReader(log);
        else if (what === "read") await reader.read();
        else if (what === "break") {
          log.breaksAfter = at % 7;
          await reader.read().catch(() => undefined);
          log.breaksAfter = Number.POSITIVE_INFINITY;
          reader = await openReader(log);
        } else {
          const first = await readFirstBatch(storePath, "delivery");
          if (first === null) continue;
          const answer = there.take(first);
          if (what === "send") await forgetStored(storePath, { ...answer, stream: "delivery" });
        }
      }
      await reader.read();
      for (
        let first = await readFirstBatch(storePath, "delivery");
        first;
        first = await readFirstBatch(storePath, "delivery")
      )
        await forgetStored(storePath, { ...there.take(first), stream: "delivery" });
      expect(there.attempts()).toBe(messages);
      await expectIndexedOnce(messages);
      expect((await readReadState(storePath)).tracker.messages).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

test("a host that was put back to an earlier state numbers what it tells anew, so that nothing is taken for told", async () => {
  const log = memoryLog();
  const there = receiver();
  const reader = await openReader(log);
  await reader.read();
  log.lines.push(...linesOf("4A1B2C3D"));
  await reader.read();
  const first = await readFirstBatch(storePath, "delivery");
  if (first === null) throw new Error("Nothing waits.");
  // The disk that is put back knows nothing of numbers 1 to 5.
  there.take({ ...first, sequence: 5 });
  await forgetStored(storePath, { stream: "delivery", epoch: first.epoch, sequence: 5 });
  const again = await readFirstBatch(storePath, "delivery");
  expect(again).toEqual({ ...first, epoch: expect.not.stringMatching(first.epoch), sequence: 1 });
});

test("what nobody takes is dropped from its beginning when it grows too large", async () => {
  const position = { source: "memory", cursor: "1" };
  const changes = { messages: [], gone: [], sessions: [], held: { deliveries: [], early: [] }, arrivals: [] };
  const trace = { changes: [], sessions: [], readAt: minute };
  const count = { attempts: 1, domain: "x".repeat(1_000_000) } as never;
  const batches = Array.from({ length: 70 }, () => ({ counts: [count], samples: [] }));
  expect(await keepReading(storePath, { position, changes, batches, trace })).toBe(3);
  expect((await readFirstBatch(storePath, "delivery"))?.sequence).toBe(4);
});

test("lines that claim what no program of mail logs wedge neither the counts nor the index", async () => {
  const log = memoryLog();
  const reader = await openReader(log);
  await reader.read();
  const long = "9".repeat(5000);
  log.lines.push(
    `postfix/smtpd[10]: 4A1B2C3D4E: client=a[${long}.${long}]:${long}, sasl_username=${long}, orig_queue_id=${long}`,
    `postfix/cleanup[11]: 4A1B2C3D4E: message-id=<${long}@a.example>`,
    `postfix/qmgr[12]: 4A1B2C3D4E: from=<${long}@a.example>, size=${long}, nrcpt=${long} (queue active)`,
    `postfix/smtp[13]: Trusted TLS connection established to b[192.0.2.9]:25: ${long} with cipher A (256/256 bits)`,
    `postfix/smtp[13]: 4A1B2C3D4E: to=<${long}@b.example>, relay=b[192.0.2.9]:25, delay=${long}, dsn=${long}, status=sent (250 queued as ${long})`,
    `postfix/smtp[13]: 4A1B2C3D4E: to=<${long}@b.example>, relay=${long}[127.0.0.1]:25, delay=1, dsn=2.0.0, status=sent (250 queued as ${long})`,
    `postfix/smtp[13]: 4A1B2C3D4E: to=<\u0000\ud83d@b.example>, relay=b[192.0.2.9]:25, delay=1, dsn=5.0.0, status=bounced (550 \u0000 ${long})`,
    ...linesOf("4A1B2C3D5F"),
  );
  await reader.read();
  const first = await readFirstBatch(storePath, "delivery");
  const { counts } = deliveryBatchSchema.parse(first?.batch);
  expect(counts.reduce((sum, { attempts }) => sum + attempts, 0)).toBeGreaterThanOrEqual(2);
  await withStore(storePath, (database) => {
    const found = searchTrace(database, { queueId: "4A1B2C3D4E", visibleDomains: null }).messages;
    expect(found).toHaveLength(1);
    expect(searchTrace(database, { sender: "ann@a.example", visibleDomains: null }).messages).toHaveLength(1);
  });
});

test("a clock that jumps back an hour and ahead a day moves the minutes and loses no delivery", async () => {
  const hourMs = 3_600_000;
  const shifts = [0, -hourMs, 24 * hourMs, 0];
  const log: MailLog = {
    source: "shifted",
    async read(cursor, onRecord) {
      if (cursor === null) return "0";
      for (const [at, shift] of shifts.entries())
        for (const line of linesOf(`4A1B2C3D${at + 10}`)) {
          const [, program = "", pid, message = ""] = /^(\S+)\[(\d+)\]: (.*)$/.exec(line) ?? [];
          onRecord({ at: minute + shift, program, pid: Number(pid), message }, () => "1");
        }
      return "1";
    },
  };
  const reader = await openReader(log);
  await reader.read();
  await reader.read();
  const first = await readFirstBatch(storePath, "delivery");
  const told = deliveryBatchSchema
    .parse(first?.batch)
    .counts.map((row) => [row.minute - minute, row.attempts]);
  expect(told).toEqual([
    [0, 2],
    [-hourMs, 1],
    [24 * hourMs, 1],
  ]);
});

describe("a log in a file", () => {
  const line = (number: number) =>
    `2026-11-20T10:00:0${number % 10}+00:00 mail postfix/qmgr[12]: 4A${number}: removed\n`;
  const path = () => join(folder, "mail.log");
  /** As logrotate does before the `times`-th rotation: the older ones move on by one. */
  function rotate(times: number): void {
    for (let number = times - 1; number >= 1; number -= 1)
      renameSync(`${path()}.${number}`, `${path()}.${number + 1}`);
    renameSync(path(), `${path()}.1`);
  }
  const open = () => openFileLog({ ...realHost(), path: pathUnder(folder) }, "/mail.log");
  const read = async (cursor: string | null) => {
    const seen: string[] = [];
    const last = await open().read(cursor, ({ message }) => seen.push(message));
    return { seen, last };
  };

  test("is followed from its end on, line by whole line", async () => {
    writeFileSync(path(), line(1));
    const { seen, last } = await read(null);
    expect(seen).toEqual([]);
    appendFileSync(path(), line(2) + line(3).slice(0, 20));
    const second = await read(last);
    expect(second.seen).toEqual(["4A2: removed"]);
    appendFileSync(path(), line(3).slice(20));
    expect((await read(second.last)).seen).toEqual(["4A3: removed"]);
  });

  test.each<[string, Buffer]>([
    ["a line of 64 KB", Buffer.from(line(9).replace("removed", "x".repeat(64 * 1024)))],
    ["a line without an end of a megabyte", Buffer.from(`${"y".repeat(1_048_576)}\n`)],
    ["binary junk", Buffer.from([...Array.from({ length: 4096 }, (_, at) => (at * 7919) % 256), 10])],
    ["halves of characters and zeros", Buffer.from([0xc3, 0x28, 0, 0xf0, 0x9f, 0xff, 10])],
  ])("that holds %s is read on behind it, and every delivery around it counts", async (_what, junk) => {
    writeFileSync(path(), line(1));
    const reader = await openReader(open());
    await reader.read();
    for (const one of linesOf("4A1B2C11")) {
      appendFileSync(path(), junk);
      appendFileSync(path(), `2026-11-20T10:00:00+00:00 mail ${one}\n`);
    }
    appendFileSync(path(), junk);
    await reader.read();
    const first = await readFirstBatch(storePath, "delivery");
    const { counts } = deliveryBatchSchema.parse(JSON.parse(JSON.stringify(first?.batch)));
    expect(counts).toMatchObject([{ status: "sent", attempts: 1, domain: "a.example" }]);
    await expectIndexedOnce(1);
  });

  test("that was renamed is read to its end before the new one", async () => {
    writeFileSync(path(), line(1));
    const { last } = await read(null);
    appendFileSync(path(), line(2));
    renameSync(path(), `${path()}.1`);
    writeFileSync(path(), line(3));
    const { seen, last: after } = await read(last);
    expect(seen).toEqual(["4A2: removed", "4A3: removed"]);
    expect((await read(after)).seen).toEqual([]);
  });

  test("that was renamed more than once since is read file by file, in the order in which they were written", async () => {
    writeFileSync(path(), line(1));
    const { last } = await read(null);
    appendFileSync(path(), line(2));
    rotate(1);
    writeFileSync(path(), line(3));
    rotate(2);
    writeFileSync(path(), line(4));
    const { seen, last: after } = await read(last);
    expect(seen).toEqual(["4A2: removed", "4A3: removed", "4A4: removed"]);
    expect((await read(after)).seen).toEqual([]);
  });

  test("is read on under its new name for as long as nothing stands in the new file", async () => {
    writeFileSync(path(), line(1));
    const { last } = await read(null);
    rotate(1);
    writeFileSync(path(), "");
    const between = await read(last);
    // Whoever logs holds the renamed file until it is told to open the new one.
    appendFileSync(`${path()}.1`, line(2));
    const second = await read(between.last);
    writeFileSync(path(), line(3));
    const third = await read(second.last);
    expect([between.seen, second.seen, third.seen]).toEqual([[], ["4A2: removed"], ["4A3: removed"]]);
  });

  test("that was emptied in place is read from its beginning", async () => {
    writeFileSync(path(), line(1) + line(2));
    const { last } = await read(null);
    truncateSync(path());
    appendFileSync(path(), line(3));
    expect((await read(last)).seen).toEqual(["4A3: removed"]);
  });
});

test("mail goes out from the host's own address of the receiver's family", () => {
  const entry = (family: "IPv4" | "IPv6", address: string, internal = false) =>
    ({ family, address, internal }) as never;
  const own = ownAddressFor({
    lo: [entry("IPv4", "127.0.0.1", true)],
    eth0: [entry("IPv6", "fe80::1"), entry("IPv4", "192.0.2.1"), entry("IPv6", "2001:db8::1")],
  });
  expect(own("198.51.100.9")).toBe("192.0.2.1");
  expect(own("2001:db8:9::1")).toBe("2001:db8::1");
  expect(ownAddressFor({})("198.51.100.9")).toBeNull();
});

test("each stream has its own numbers and its own state, and one that is forgotten leaves the others", async () => {
  const batches = [{ a: 1 }, { a: 2 }];
  expect(await readStreamState(storePath, "verdicts")).toBeNull();
  await keepStream(storePath, "verdicts", { state: "seen 2", batches });
  await keepStream(storePath, "reports", { state: "seen 1", batches: [{ b: 1 }] });
  const first = await readFirstBatch(storePath, "verdicts");
  expect(first).toMatchObject({ sequence: 1, batch: { a: 1 } });
  await forgetStored(storePath, { stream: "verdicts", epoch: first?.epoch ?? "", sequence: 2 });
  expect(await readFirstBatch(storePath, "verdicts")).toBeNull();
  expect(await readFirstBatch(storePath, "reports")).toMatchObject({ sequence: 1, batch: { b: 1 } });
  expect(await readStreamState(storePath, "verdicts")).toBe("seen 2");
});
