import type { LogRecord } from "@mailstead/core/delivery";
import { expect, test } from "vitest";
import { type Argv, type Host, realHost } from "../platform/host.ts";
import type { RunOptions } from "../platform/run-command.ts";
import { exportedEntry } from "./journal-export.testing.ts";
import { openJournalLog } from "./journal-log.ts";
import type { MailLog } from "./mail-log.ts";

const entry = (cursor: string, message: string | null, more = {}) =>
  exportedEntry({
    __CURSOR: cursor,
    __REALTIME_TIMESTAMP: "1795168800000123",
    MESSAGE: message,
    SYSLOG_IDENTIFIER: "postfix/qmgr",
    SYSLOG_PID: "12",
    ...more,
  });

function journalHost(answer: (argv: Argv) => { entries: Buffer[]; stderr?: string }): Host {
  return {
    ...realHost(),
    async run(argv: Argv, options: RunOptions = {}) {
      const { entries, stderr = "" } = answer(argv);
      options.onOutput?.(Buffer.concat(entries));
      return { exitCode: stderr === "" ? 0 : 1, stdout: "", stderr, hasTimedOut: false };
    },
  };
}
const read = async (log: MailLog, cursor: string | null) => {
  const records: LogRecord[] = [];
  const last = await log.read(cursor, (record) => records.push(record));
  return { records, last };
};

test("a log in the journal is followed from its last line of mail on", async () => {
  const log = openJournalLog(
    journalHost((argv) => ({
      entries: argv.includes("--lines=1")
        ? [entry("c1", "old")]
        : [entry("c2", "4A1: removed"), entry("c3", "4A2"), entry("c4", null)],
    })),
  );
  expect(await read(log, null)).toEqual({ records: [], last: "c1" });
  expect(await read(log, "c1")).toEqual({
    records: [
      { at: 1795168800000, program: "postfix/qmgr", pid: 12, message: "4A1: removed" },
      { at: 1795168800000, program: "postfix/qmgr", pid: 12, message: "4A2" },
    ],
    last: "c4",
  });
});

test("a log in the journal counts no line that a person of the host wrote in the name of a mail program", async () => {
  const entries = [
    entry("c2", "4A1: removed", { _UID: "106" }),
    entry("c3", "4A2: to=<a@b.example>", { _UID: "1000" }),
  ];
  const log = openJournalLog(journalHost(() => ({ entries })));
  expect(await read(log, "c1")).toMatchObject({ records: [{ message: "4A1: removed" }], last: "c3" });
});

test("a log in the journal that has no line of mail yet is read from its beginning once it has", async () => {
  const asked: Argv[] = [];
  const log = openJournalLog(
    journalHost((argv) => {
      asked.push(argv);
      return { entries: argv.includes("--lines=1") ? [] : [entry("c1", "4A1: removed")] };
    }),
  );
  const { last } = await read(log, null);
  expect(await read(log, last)).toMatchObject({ records: [{ message: "4A1: removed" }], last: "c1" });
  expect(asked[1]?.some((arg) => arg.startsWith("--cursor"))).toBe(false);
});

test("a log in the journal goes on after the line of its cursor, and where that was vacuumed away with the first that is left", async () => {
  const asked: Argv[] = [];
  const host = (entries: Buffer[]) =>
    openJournalLog(
      journalHost((argv) => {
        asked.push(argv);
        return { entries };
      }),
    );
  const there = host([entry("c1", "4A1: removed"), entry("c2", "4A2: removed")]);
  expect(await read(there, "c1")).toMatchObject({ records: [{ message: "4A2: removed" }], last: "c2" });
  const vacuumed = host([entry("c2", "4A2: removed"), entry("c3", "4A3: removed")]);
  expect((await read(vacuumed, "c1")).records).toHaveLength(2);
  expect(await read(host([]), "c3")).toEqual({ records: [], last: "c3" });
  // With --after-cursor, systemd 252 passes over one more where the line itself is gone.
  for (const argv of asked) expect(argv).not.toContainEqual(expect.stringMatching(/^--after-cursor/));
});

test("a log in the journal of another machine is followed from its end, and one that cannot be read is said so", async () => {
  const foreign = openJournalLog(
    journalHost((argv) =>
      argv.includes("--lines=1")
        ? { entries: [entry("c9", "new")] }
        : { entries: [], stderr: "Failed to seek to cursor: Invalid argument" },
    ),
  );
  expect(await read(foreign, "of another")).toEqual({ records: [], last: "c9" });
  const broken = openJournalLog(journalHost(() => ({ entries: [], stderr: "No such device" })));
  await expect(read(broken, "c1")).rejects.toThrow("journalctl could not read the mail log: No such device");
});
