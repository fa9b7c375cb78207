import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verdictBatchSchema } from "@mailstead/core/verdicts";
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { type Host, pathUnder, realHost } from "../platform/host.ts";
import { indexTrace } from "../trace/index-trace.ts";
import { searchTrace } from "../trace/search-trace.ts";
import { readAccount } from "./account-records.ts";
import { forgetStored, readFirstBatch } from "./spool.ts";
import { withStore } from "./store.ts";
import { verdictsSource } from "./verdicts-source.ts";

let root: string;
let storePath: string;
let folder: string;
let now: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "mailstead-verdicts-"));
  storePath = join(root, "telemetry.sqlite");
  folder = join(root, "var/lib/mailstead-verdicts");
  mkdirSync(folder, { recursive: true });
  now = Date.parse("2026-11-20T10:30:00Z");
  return () => rmSync(root, { recursive: true });
});

const source = () => {
  const host: Host = { ...realHost(), path: pathUnder(root), nowUnixMs: () => now };
  return verdictsSource(host, storePath);
};
const fileOf = (at: number) => {
  const [day = "", time = ""] = new Date(at).toISOString().split("T");
  return join(folder, `${day.replaceAll("-", "")}T${time.slice(0, 2)}.jsonl`);
};
const queueId = (() => {
  let given = 0;
  return () => `4A1B2C${++given}`;
})();
const line = (at: number, more: object = {}) =>
  `${JSON.stringify({
    at: Math.floor(at / 1000),
    queueId: queueId(),
    account: "Ann@a.example",
    sender: "authenticated",
    ours: "a.example",
    from: "a.example",
    to: [{ domain: "gmail.com", isOurs: false }],
    action: "no action",
    score: -0.1,
    symbols: { DKIM_SIGNED: 0 },
    isAligned: true,
    isBulk: false,
    hasOneClick: false,
    ...more,
  })}\n`;

/** What the control plane does with what it is sent: each number of an epoch once. */
function receiver() {
  const stored = new Map<string, number>();
  const told = { messages: 0, sent: "" };
  return {
    told,
    take(sent: { epoch: string; sequence: number; batch: unknown }) {
      const known = stored.get(sent.epoch) ?? 0;
      told.sent += JSON.stringify(sent.batch);
      if (sent.sequence > known) {
        stored.set(sent.epoch, sent.sequence);
        for (const { messages } of verdictBatchSchema.parse(sent.batch).counts) told.messages += messages;
      }
      return { stream: "verdicts" as const, epoch: sent.epoch, sequence: Math.max(known, sent.sequence) };
    },
  };
}

async function sendAll(there: ReturnType<typeof receiver>): Promise<void> {
  for (
    let first = await readFirstBatch(storePath, "verdicts");
    first;
    first = await readFirstBatch(storePath, "verdicts")
  )
    await forgetStored(storePath, there.take(first));
}

/** How many scores the host has learned of an account, and how many verdicts it knows. */
const learned = () =>
  withStore(storePath, (database) => ({
    scores: (readAccount(database, "ann@a.example")?.record.days ?? []).reduce(
      (sum, { scored }) => sum + scored,
      0,
    ),
    verdicts: Number(database.prepare("select count(*) as count from trace_verdicts").get()?.["count"]),
  }));

/** Ends a reading before what it came to is kept, as a kill does at the last moment. */
async function dieInKeeping(reader: ReturnType<typeof source>): Promise<void> {
  const run = (sql: string) => withStore(storePath, (database) => database.exec(sql));
  await run("create trigger killed before insert on spool begin select raise(abort, 'killed'); end");
  // Where nothing was written there is nothing to keep.
  await reader.read().catch((error: Error) => expect(error.message).toMatch(/killed/));
  await run("drop trigger killed");
}

test("each verdict counts once, wherever the agent is killed, lines are cut, hours pass, files go or an answer is lost", async () => {
  const step = fc.constantFrom(
    "write",
    "write-half",
    "read",
    "die",
    "restart",
    "hour",
    "send",
    "send-unheard",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      rmSync(storePath, { force: true });
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      const there = receiver();
      let reader = source();
      await reader.read();
      let written = 0;
      for (const what of steps) {
        if (what === "write") {
          appendFileSync(fileOf(now), line(now));
          written += 1;
        } else if (what === "write-half") {
          const whole = line(now);
          appendFileSync(fileOf(now), whole.slice(0, 50));
          await reader.read();
          appendFileSync(fileOf(now), whole.slice(50));
          written += 1;
        } else if (what === "read") await reader.read();
        else if (what === "die") await dieInKeeping(reader);
        else if (what === "restart") reader = source();
        else if (what === "hour") now += 3_600_000;
        else {
          const first = await readFirstBatch(storePath, "verdicts");
          if (first === null) continue;
          const answer = there.take(first);
          if (what === "send") await forgetStored(storePath, answer);
        }
      }
      await reader.read();
      await sendAll(there);
      expect(there.told.messages).toBe(written);
      expect(await learned()).toEqual({ scores: written, verdicts: written });
    }),
    { numRuns: 12 },
  );
});

test("files go once they were read and their hour is long over", async () => {
  const reader = source();
  await reader.read();
  writeFileSync(fileOf(now), line(now));
  await reader.read();
  expect(readdirSync(folder)).toHaveLength(1);
  now += 3 * 3_600_000;
  await reader.read();
  expect(readdirSync(folder)).toEqual([]);
});

test("what was decided before the first reading is not counted, and a host without Rspamd has nothing to tell", async () => {
  writeFileSync(fileOf(now), line(now));
  await source().read();
  expect(await readFirstBatch(storePath, "verdicts")).toBeNull();
  rmSync(folder, { recursive: true });
  expect(await source().read()).toEqual({ dropped: 0 });
});

test("no address, no subject and no domain of others is sent, whatever a line holds", async () => {
  const reader = source();
  const there = receiver();
  await reader.read();
  appendFileSync(
    fileOf(now),
    line(now, {
      queueId: "4SECRET1",
      account: "secret-login@a.example",
      sender: "outside",
      from: "secret-sender.example",
      client: "mx.secret-sender.example",
      to: [
        { domain: "a.example", isOurs: true },
        { domain: "secret-rcpt.example", isOurs: false },
      ],
      symbols: { BAYES_SPAM: 5, "eve@secret.example": 3, "A secret subject": 1 },
      subject: "secret",
      action: "secret@secret.example",
    }) + line(now, { to: [{ domain: "secret-rcpt.example", isOurs: false }] }),
  );
  appendFileSync(fileOf(now), "secret that is no verdict\n");
  await reader.read();
  await sendAll(there);
  expect(there.told.messages).toBe(3);
  expect(there.told.sent).toContain("a.example");
  expect(there.told.sent).not.toMatch(/secret|@|4A1B2C/i);
});

test("days of lines are read in parts, each with its place", async () => {
  const reader = source();
  await reader.read();
  const many = 11_000;
  for (const at of [now, now + 3_600_000])
    writeFileSync(fileOf(at), Array.from({ length: many / 2 }, () => line(at)).join(""));
  await reader.read();
  expect(await learned()).toEqual({ scores: many, verdicts: many });
  const there = receiver();
  await sendAll(there);
  expect(there.told.messages).toBe(many);
});

test("an account is judged by the score of what it sent, and not of what it must send again", async () => {
  const reader = source();
  await reader.read();
  appendFileSync(
    fileOf(now),
    line(now, { score: 2 }) +
      line(now, { score: 4 }) +
      line(now, { score: 0, action: "soft reject" }) +
      line(now, { account: undefined, sender: "outside", score: 9 }),
  );
  await reader.read();
  const account = await withStore(storePath, (database) => readAccount(database, "ann@a.example"));
  expect(account?.record.days).toMatchObject([{ scored: 2, scoreSum: 6, recipients: 0 }]);
});

test.each(["before", "after"])("the story of a message tells its score, read %s the log", async (order) => {
  const reader = source();
  await reader.read();
  appendFileSync(fileOf(now), line(now, { queueId: "4dB3000001z4r", score: 1.2 }));
  if (order === "before") await reader.read();
  await withStore(storePath, (database) =>
    indexTrace(database, {
      changes: [
        {
          queueId: "4dB3000001z4r",
          begins: true,
          at: now + 400,
          facts: { from: "ann@a.example" },
          events: [],
          endedAt: now + 900,
        },
      ],
      sessions: [],
      readAt: now,
    }),
  );
  if (order === "after") await reader.read();
  const { messages } = await withStore(storePath, (database) =>
    searchTrace(database, { queueId: "4dB3000001z4r", visibleDomains: null }),
  );
  expect(messages.map(({ events }) => events)).toEqual([
    [{ kind: "judged", at: now + 400, action: "accepted", score: 1.2 }],
  ]);
});

test.each<[string, (path: string) => void]>([
  ["a link", (path) => symlinkSync(join(root, "others"), path)],
  ["a pipe that nobody writes to", (path) => execFileSync("mkfifo", [path])],
  ["a folder", (path) => mkdirSync(path)],
])(
  "%s that somebody laid among the files is passed over, and what comes after it is read",
  async (_what, lay) => {
    await source().read();
    writeFileSync(join(root, "others"), line(now));
    lay(fileOf(now - 3_600_000));
    appendFileSync(fileOf(now), line(now));
    await source().read();
    const there = receiver();
    await sendAll(there);
    expect(there.told.messages).toBe(1);
  },
);
