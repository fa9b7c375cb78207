import type { LogRecord } from "@mailstead/core/delivery";
import fc from "fast-check";
import { expect, test } from "vitest";
import { exportedEntry } from "./journal-export.testing.ts";
import { createJournalReader } from "./journal-export.ts";
import { lineMaxBytes } from "./split-lines.ts";

type Read = [cursor: string, record: LogRecord | null][];

function readChunks(chunks: readonly Buffer[]): Read {
  const found: Read = [];
  const reader = createJournalReader((cursor, record) => found.push([cursor, record]));
  for (const chunk of chunks) {
    const copy = Buffer.from(chunk);
    reader.take(copy);
    // As a stream does that uses its memory again.
    copy.fill(0x41);
  }
  return found;
}

const read = (...entries: Buffer[]) => readChunks([Buffer.concat(entries)]);

const fields = {
  __CURSOR: "s=1;i=2",
  __REALTIME_TIMESTAMP: "1795168800000123",
  __MONOTONIC_TIMESTAMP: "7",
  _BOOT_ID: "b",
  _UID: "106",
  SYSLOG_IDENTIFIER: "postfix/qmgr",
  SYSLOG_PID: "12",
  MESSAGE: "4A1: removed",
  _PID: "99",
};
const record = { at: 1795168800000, program: "postfix/qmgr", pid: 12, message: "4A1: removed" };

test("an entry is read with its cursor, its time, its program and its words", () => {
  expect(read(exportedEntry(fields))).toEqual([["s=1;i=2", record]]);
  const { SYSLOG_PID: _, ...bare } = fields;
  expect(read(exportedEntry(bare))).toEqual([["s=1;i=2", { ...record, pid: 99 }]]);
});

test("words beyond ASCII, of several lines and that are no text at all are read as they are", () => {
  const said = (MESSAGE: string | Buffer) => read(exportedEntry({ ...fields, MESSAGE }))[0]?.[1]?.message;
  expect(said("Grüße 🐟 = x")).toBe("Grüße 🐟 = x");
  expect(said("one\n\nMESSAGE=two\n__CURSOR=forged")).toBe("one\n\nMESSAGE=two\n__CURSOR=forged");
  expect(said(Buffer.from([0x34, 0xff, 0x0a, 0x35]))).toBe("4\uFFFD\n5");
});

test("what is no line of a mail program is passed by, and the cursor moves on", () => {
  for (const harmed of [{ MESSAGE: null }, { SYSLOG_IDENTIFIER: null }, { _UID: "1000" }])
    expect(
      read(exportedEntry({ ...fields, ...harmed }), exportedEntry({ ...fields, __CURSOR: "next" })),
    ).toEqual([
      ["s=1;i=2", null],
      ["next", record],
    ]);
  for (const harmed of [{ __CURSOR: null }, { __REALTIME_TIMESTAMP: "never" }])
    expect(read(exportedEntry({ ...fields, ...harmed }))).toEqual([]);
});

test("a value that is longer than any line is passed over, and what follows is read", () => {
  for (const MESSAGE of ["x".repeat(lineMaxBytes * 3), Buffer.alloc(lineMaxBytes * 3, "y\n")]) {
    const bytes = Buffer.concat([
      exportedEntry({ ...fields, MESSAGE }),
      exportedEntry({ ...fields, __CURSOR: "next" }),
    ]);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 50_000) }, (_, at) =>
      bytes.subarray(at * 50_000, (at + 1) * 50_000),
    );
    expect(readChunks(chunks)).toEqual([
      ["s=1;i=2", null],
      ["next", record],
    ]);
  }
});

test("it does not matter where the chunks part, and harmed bytes are never a mistake", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "ü", "=", "\n", "🐟", " ") });
  const entry = fc.record({ MESSAGE: text, __CURSOR: fc.stringMatching(/^[a-z]{1,5}$/) });
  fc.assert(
    fc.property(fc.array(entry), fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (entries, sizes) => {
      const bytes = Buffer.concat(entries.map((own) => exportedEntry({ ...fields, ...own })));
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = sizes.next().value ?? 1;
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(readChunks(chunks)).toEqual(
        entries.map(({ MESSAGE, __CURSOR }) => [__CURSOR, { ...record, message: MESSAGE }]),
      );
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
      readChunks([exportedEntry(fields), ...chunks.map((chunk) => Buffer.from(chunk))]);
    }),
  );
});
