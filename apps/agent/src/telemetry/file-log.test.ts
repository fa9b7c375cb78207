import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, expect, test } from "vitest";
import { pathUnder, realHost } from "../platform/host.ts";
import { openFileLog } from "./file-log.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mailstead-log-"));
  return () => rmSync(folder, { recursive: true });
});

const path = () => join(folder, "mail.log");
const line = (number: number) =>
  `2026-11-20T10:00:${String(number % 60).padStart(2, "0")}+00:00 mail postfix/qmgr[12]: ${number}: removed\n`;
const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => line(from + at)).join("");
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** Reads as a new agent would that finds this cursor; gives the numbers of the lines. */
async function read(cursor: string | null) {
  const seen: number[] = [];
  const cursors: string[] = [];
  const log = openFileLog({ ...realHost(), path: pathUnder(folder) }, "/mail.log");
  const last = await log.read(cursor, ({ message }, readCursor) => {
    seen.push(Number.parseInt(message, 10));
    cursors.push(readCursor());
  });
  return { seen, last, cursors };
}

/** As logrotate does: the old one keeps the time of its last line. */
function putAside(name: string): void {
  renameSync(path(), join(folder, name));
}

function compress(name: string): void {
  const from = join(folder, name);
  const { atime, mtime } = statSync(from);
  writeFileSync(`${from}.gz`, gzipSync(readFileSync(from)));
  utimesSync(`${from}.gz`, atime, mtime);
  rmSync(from);
}

async function follow(text: string): Promise<string> {
  writeFileSync(path(), text);
  return (await read(null)).last;
}

test("a log that is compressed as it is put aside, as Postfix does it, loses nothing", async () => {
  const cursor = await follow(lines(1, 3));
  appendFileSync(path(), lines(4, 5));
  putAside("mail.log.20261120-100000");
  compress("mail.log.20261120-100000");
  writeFileSync(path(), line(6));
  expect((await read(cursor)).seen).toEqual([4, 5, 6]);
});

test("all that was put aside since the last reading is read, in its order", async () => {
  const cursor = await follow(line(1));
  appendFileSync(path(), line(2));
  putAside("mail.log.2");
  utimesSync(join(folder, "mail.log.2"), 1000, 1000);
  compress("mail.log.2");
  writeFileSync(path(), lines(3, 4));
  putAside("mail.log.1");
  utimesSync(join(folder, "mail.log.1"), 2000, 2000);
  writeFileSync(path(), line(5));
  const { seen, last } = await read(cursor);
  expect(seen).toEqual([2, 3, 4, 5]);
  expect((await read(last)).seen).toEqual([]);
});

test("a log that was copied and emptied is read on in its copy, however much has come since", async () => {
  const cursor = await follow(lines(1, 9));
  appendFileSync(path(), lines(10, 11));
  copyFileSync(path(), `${path()}.1`);
  truncateSync(path());
  appendFileSync(path(), lines(12, 40));
  const { seen, last } = await read(cursor);
  expect(seen).toEqual(numbers(10, 40));
  appendFileSync(path(), line(41));
  expect((await read(last)).seen).toEqual([41]);
});

test("what is still written to the old log after it was put aside is read, and the new one after it", async () => {
  const cursor = await follow(line(1));
  appendFileSync(path(), line(2));
  putAside("mail.log.1");
  const between = await read(cursor);
  expect(between.seen).toEqual([2]);
  appendFileSync(`${path()}.1`, line(3));
  writeFileSync(path(), "");
  const empty = await read(between.last);
  expect(empty.seen).toEqual([3]);
  appendFileSync(`${path()}.1`, line(4));
  writeFileSync(path(), line(5));
  expect((await read(empty.last)).seen).toEqual([4, 5]);
});

test("a log that is not there yet is read from its first line on", async () => {
  const { seen, last } = await read(null);
  expect(seen).toEqual([]);
  writeFileSync(path(), line(1));
  expect((await read(last)).seen).toEqual([1]);
});

test("another file under the number of the old one is not taken for it", async () => {
  const cursor = await follow(lines(1, 2));
  rmSync(path());
  // Whatever number it gets: the cursor names that one.
  writeFileSync(path(), lines(3, 9));
  const position = { ...JSON.parse(cursor), inode: statSync(path()).ino };
  expect((await read(JSON.stringify(position))).seen).toEqual(numbers(3, 9));
});

test("it makes no difference after which line it was killed, in an archive as in the log", async () => {
  const cursor = await follow(line(1));
  appendFileSync(path(), lines(2, 4));
  putAside("mail.log.1");
  compress("mail.log.1");
  writeFileSync(path(), lines(5, 8));
  const whole = await read(cursor);
  expect(whole.seen).toEqual(numbers(2, 8));
  for (const [index, at] of whole.cursors.entries())
    expect((await read(at)).seen).toEqual(whole.seen.slice(index + 1));
});

test("a damaged archive is read as far as it goes, and the log after it", async () => {
  const cursor = await follow(line(1));
  appendFileSync(path(), lines(2, 3));
  const noise = Array.from({ length: 3000 }, (_, at) => line((at * 7919) % 100_003)).join("");
  appendFileSync(path(), noise);
  const archive = gzipSync(readFileSync(path()));
  rmSync(path());
  writeFileSync(`${path()}.1.gz`, archive.subarray(0, archive.length - 2000));
  writeFileSync(path(), line(5));
  const { seen } = await read(cursor);
  expect(seen.slice(0, 2)).toEqual([2, 3]);
  expect(seen.at(-1)).toBe(5);
});

test("a line that is too long is left out whole, also where it comes in parts, and no part of it counts as a line", async () => {
  const cursor = await follow(line(1));
  const long = `2026-11-20T10:00:00+00:00 mail postfix/qmgr[12]: 666: ${"x".repeat(70_000)}`;
  appendFileSync(path(), `${long} ${line(2)}${line(3)}`);
  const first = await read(cursor);
  expect(first.seen).toEqual([3]);
  appendFileSync(path(), long);
  const second = await read(first.last);
  expect(second.seen).toEqual([]);
  appendFileSync(path(), `${line(4)}${line(5)}`);
  expect((await read(second.last)).seen).toEqual([5]);
});

test("a line of 64 KB and one of many bytes a letter are read, and what is no text is passed over", async () => {
  const cursor = await follow(line(1));
  const long = `2026-11-20T10:00:00+00:00 mail postfix/qmgr[12]: 2: ${"ä".repeat(32_000)}\n`;
  const junk = Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 31) % 256));
  writeFileSync(path(), Buffer.concat([Buffer.from(line(1) + long), junk, Buffer.from(`\n${line(3)}`)]));
  appendFileSync(path(), lines(4, 4000));
  const { seen, cursors } = await read(cursor);
  expect(seen).toEqual(numbers(2, 4000));
  expect((await read(cursors[1] ?? "")).seen).toEqual(numbers(4, 4000));
});

test("stamps without a zone are the host's own time, summer and winter", () => {
  const program = `
    import { pathUnder, realHost } from ${JSON.stringify(join(import.meta.dirname, "../platform/host.ts"))};
    import { openFileLog } from ${JSON.stringify(join(import.meta.dirname, "file-log.ts"))};
    const host = { ...realHost(), path: pathUnder(process.argv[1]), nowUnixMs: () => Date.parse("2026-11-20T12:00:00Z") };
    await openFileLog(host, "/mail.log").read(process.argv[2], ({ at }) => console.log(new Date(at).toISOString()));`;
  writeFileSync(
    path(),
    ["Jul  1 10:00:00", "Nov 20 10:00:00"].map((at) => `${at} mail postfix/qmgr[12]: 1: removed\n`).join(""),
  );
  const cursor = JSON.stringify({ inode: 0, offset: 0, head: { bytes: 0, sha1: "" } });
  const told = execFileSync(process.execPath, ["--input-type=module", "-e", program, folder, cursor], {
    env: { TZ: "Europe/Berlin" },
    encoding: "utf8",
  });
  expect(told.trim().split("\n")).toEqual(["2026-07-01T08:00:00.000Z", "2026-11-20T09:00:00.000Z"]);
});
