import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { accountBatchSchema, type ToldAccount } from "@mailstead/core/accounts";
import { stackPaths } from "@mailstead/core/mail-flow";
import { directoryChangeSchema, lookupQueries } from "@mailstead/core/mailboxes";
import { beforeEach, expect, test } from "vitest";
import { createDirectory, writeDirectory } from "../directory/directory-database.ts";
import { type Argv, type Host, pathUnder, realHost } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";
import type { RunOptions } from "../platform/run-command.ts";
import { readAccount } from "../telemetry/account-records.ts";
import { accountSource } from "../telemetry/account-source.ts";
import { openDeliveryReader } from "../telemetry/read-deliveries.ts";
import { readReadState } from "../telemetry/read-state.ts";
import { forgetStored, readFirstBatch } from "../telemetry/spool.ts";
import { withStore } from "../telemetry/store.ts";
import { verdictsSource } from "../telemetry/verdicts-source.ts";
import { makeTarget } from "../testing/test-identity.ts";
import { addHeldMessages } from "./held-accounts.ts";
import { holdAccount } from "./hold-account.ts";
import { releaseAccount } from "./release-account.ts";

const dayMs = 86_400_000;
const start = Date.parse("2026-11-01T09:00:00Z");
const ann = "ann@alpha.example";
let folder: string;
let directoryPath: string;
let storePath: string;
let nowMs: number;
/** What lies in Postfix's queue: who is its sender, who signed in, and whether it is on hold. */
let queue: Map<string, { sender: string; login: string; isHeld: boolean }>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "mailstead-accounts-"));
  directoryPath = join(folder, "directory.sqlite");
  storePath = pathUnder(folder)(agentPaths.telemetry);
  mkdirSync(dirname(storePath), { recursive: true });
  nowMs = start;
  queue = new Map();
  await createDirectory(directoryPath);
  applied();
  return () => rmSync(folder, { recursive: true });
});

function applied(stolenAccounts: "hold" | "alert" = "hold"): void {
  const { target } = makeTarget();
  mkdirSync(pathUnder(folder)(agentPaths.targets), { recursive: true });
  writeFileSync(
    join(pathUnder(folder)(agentPaths.targets), "applied.json"),
    JSON.stringify({ ...target, stack: { ...target.stack, stolenAccounts } }),
  );
}

/** Postfix's own programs, over that queue. */
async function runPostfix([program, ...args]: Argv, { onLine, input }: RunOptions = {}) {
  const done = { exitCode: 0, stdout: "", stderr: "", hasTimedOut: false };
  if (program === "postqueue")
    for (const [id, { sender, isHeld }] of queue)
      onLine?.(
        JSON.stringify({ queue_name: isHeld ? "hold" : "deferred", queue_id: id, arrival_time: 1, sender }),
      );
  else if (program === "postcat")
    for (const id of args.slice(1)) {
      onLine?.(`*** ENVELOPE RECORDS deferred/${id} ***`);
      onLine?.(`named_attribute: sasl_username=${queue.get(id)?.login ?? ""}`);
    }
  else if (program === "postsuper")
    for (const id of (input ?? "").split("\n").filter((line) => line !== "")) {
      const message = queue.get(id);
      if (message !== undefined) message.isHeld = args[0] === "-h";
    }
  else throw new Error(`${program} is not expected`);
  return done;
}

const host = (): Host => ({
  ...realHost(),
  path: pathUnder(folder),
  run: runPostfix,
  nowUnixMs: () => nowMs,
});
const input = () => ({ host: host(), directoryPath });
const held = () => [...queue].filter(([, { isHeld }]) => isHeld).map(([id]) => id);

/** What Postfix would answer to the next recipient of this account. */
function answerTo(address: string): unknown {
  const database = new DatabaseSync(directoryPath, { readOnly: true });
  try {
    return database.prepare(lookupQueries.heldAccounts.replaceAll("%s", address)).get();
  } finally {
    database.close();
  }
}

test("a hold defers what the account hands in, and holds its queued messages and nobody else's", async () => {
  await writeDirectory(directoryPath, {
    isNewEpoch: true,
    head: { epoch: 1, revision: 1, chain: "" },
    changes: [
      directoryChangeSchema.parse({
        revision: 1,
        op: "upsert",
        entryKind: "alias",
        key: "team@alpha.example",
        entry: { kind: "alias", address: "team@alpha.example", destinations: [ann], senders: [ann] },
      }),
    ],
  });
  queue.set("4A1", { sender: ann, login: ann, isHeld: false });
  queue.set("4A2", { sender: "team@alpha.example", login: ann, isHeld: false });
  // Another person may send as the same alias.
  queue.set("4A3", { sender: "team@alpha.example", login: "bob@alpha.example", isHeld: false });
  queue.set("4A4", { sender: "bob@alpha.example", login: "bob@alpha.example", isHeld: false });
  expect(answerTo(ann)).toBeUndefined();
  expect(await holdAccount(input(), { address: ann, by: "person" })).toEqual({ messagesHeld: 2 });
  expect(held()).toEqual(["4A1", "4A2"]);
  expect(JSON.stringify(answerTo(ann))).toContain("450 4.7.1");
  expect(answerTo("bob@alpha.example")).toBeUndefined();
});

test("a hold outlives a sync of the directory, also one that begins anew", async () => {
  await holdAccount(input(), { address: ann, by: "person" });
  await writeDirectory(directoryPath, {
    isNewEpoch: true,
    head: { epoch: 2, revision: 0, chain: "" },
    changes: [],
  });
  expect(answerTo(ann)).toBeDefined();
});

test("releasing lets go what the hold held and nothing that somebody else has put on hold", async () => {
  queue.set("4A1", { sender: ann, login: ann, isHeld: false });
  queue.set("4A9", { sender: ann, login: ann, isHeld: true });
  await holdAccount(input(), { address: ann, by: "person" });
  // One that was deleted from the queue meanwhile.
  await addHeldMessages(directoryPath, { address: ann, queueIds: ["4AF"] });
  expect(await releaseAccount(input(), ann)).toEqual({ messagesReleased: 2 });
  expect(held()).toEqual(["4A9"]);
  expect(answerTo(ann)).toBeUndefined();
});

/** A log in memory that is read to its end. */
function logOf(lines: readonly { at: number; line: string }[]) {
  return {
    source: "memory",
    async read(cursor: string | null, onRecord: (record: never, readCursor: () => string) => void) {
      for (let at = Number(cursor ?? 0); at < lines.length; at += 1) {
        const [, program, pid, message] = /^(\S+)\[(\d+)\]: (.*)$/.exec(lines[at]?.line ?? "") ?? [];
        onRecord({ at: lines[at]?.at, program, pid: Number(pid), message } as never, () => String(at + 1));
      }
      return String(lines.length);
    },
  };
}

/** The lines of messages to so many recipients, of which some are refused for good. */
function sent(day: number, to: number, { bounced = 0, of = "friend" } = {}) {
  return Array.from({ length: to }, (_, index) => {
    const at = start + day * dayMs + index * 1000;
    const id = `4A${day.toString(16)}B${index.toString(16)}`.toUpperCase();
    const status = index < bounced ? "bounced (550 5.1.1 no such user)" : "sent (250 2.0.0 Ok)";
    return [
      `postfix/submission/smtpd[10]: ${id}: client=desk.example[198.51.100.7], sasl_method=PLAIN, sasl_username=${ann}`,
      `postfix/qmgr[12]: ${id}: from=<${ann}>, size=700, nrcpt=1 (queue active)`,
      `postfix/smtp[13]: ${id}: to=<${of}${index}@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, delays=0.1/0/0.5/0.4, dsn=2.0.0, status=${status}`,
      `postfix/qmgr[12]: ${id}: removed`,
    ].map((line) => ({ at, line }));
  }).flat();
}

/** Reads the log as the agent does, then looks at the accounts; gives what was told. */
async function look(lines: readonly { at: number; line: string }[]): Promise<ToldAccount[]> {
  const reader = openDeliveryReader({
    storePath,
    log: logOf(lines),
    state: await readReadState(storePath),
    nowUnixMs: () => 0,
    seen: { take: () => undefined, keep: async () => undefined },
  });
  await reader.read();
  await accountSource({ host: host(), storePath, directoryPath }).read();
  const told: ToldAccount[] = [];
  for (let next = await readFirstBatch(storePath, "accounts"); next; ) {
    expect(JSON.stringify(next.batch)).not.toMatch(/b\.example/);
    told.push(...accountBatchSchema.parse(next.batch).accounts);
    await forgetStored(storePath, { stream: "accounts", ...next });
    next = await readFirstBatch(storePath, "accounts");
  }
  return told;
}

const fortnight = Array.from({ length: 14 }, (_, day) => sent(day, 10)).flat();
const robbed = [...fortnight, ...sent(14, 120, { bounced: 40, of: "stranger" })];

test("an account that sends as stolen ones do is held by the host, told once, and held again only by something new", async () => {
  nowMs = start + 13 * dayMs + 60_000;
  expect(await look(fortnight)).toEqual([]);
  nowMs = start + 14 * dayMs + 180_000;
  queue.set("4AD", { sender: ann, login: ann, isHeld: false });
  const told = await look(robbed);
  expect(told).toMatchObject([
    { address: ann, alert: { certainty: "high" }, hold: { by: "agent", messages: 1 } },
  ]);
  expect(answerTo(ann)).toBeDefined();
  expect(await look(robbed)).toEqual([]);
  // A message that was half handed in when the hold came.
  queue.set("4AE", { sender: ann, login: ann, isHeld: false });
  expect(await look(robbed)).toMatchObject([{ hold: { messages: 2 } }]);
  await releaseAccount(input(), ann);
  expect(held()).toEqual([]);
  expect(await look(robbed)).toMatchObject([{ address: ann, alert: null, hold: null }]);
  expect(await look(robbed)).toEqual([]);
  expect(answerTo(ann)).toBeUndefined();
});

test("what a person says that the owner sent is usual from then on, and what a held account sent is not", async () => {
  const usualDays = async () => {
    const known = await withStore(storePath, (database) => readAccount(database, ann));
    return known?.record.days.filter(({ isOdd }) => !isOdd).map(({ recipients }) => recipients) ?? [];
  };
  nowMs = start + 14 * dayMs + 320_000;
  const busy = [...fortnight, ...sent(14, 300, { of: "guest" })];
  expect(await look(busy)).toMatchObject([{ alert: { certainty: "possible" }, hold: null }]);
  expect(await usualDays()).not.toContain(300);
  await releaseAccount(input(), ann);
  expect(await usualDays()).toContain(300);
  // The order may be carried out a second time, where its answer was lost.
  await releaseAccount(input(), ann);
  nowMs = start + 15 * dayMs + 320_000;
  const again = [...busy, ...sent(15, 1600, { bounced: 800, of: "stranger" })];
  expect(await look(again)).toMatchObject([{ alert: { certainty: "high" }, hold: { by: "agent" } }]);
  await releaseAccount(input(), ann);
  expect(await usualDays()).not.toContain(1600);
});

test("an account whose mail the filter suddenly scores higher is held, though nothing bounces", async () => {
  nowMs = start + 14 * dayMs + 180_000;
  const folderOfVerdicts = host().path(stackPaths.verdicts);
  mkdirSync(folderOfVerdicts, { recursive: true });
  const verdicts = verdictsSource(host(), storePath);
  await verdicts.read();
  const judged = (day: number, score: number, count: number) =>
    Array.from({ length: count }, (_, index) => {
      const at = start / 1000 + day * 86_400 + index;
      const who = {
        sender: "authenticated",
        ours: "alpha.example",
        account: ann,
        queueId: `4B${day}${index}`,
      };
      const what = { action: "no action", score, symbols: [] };
      const flags = { isAligned: true, isBulk: false, hasOneClick: false };
      return `${JSON.stringify({ at, ...who, ...what, ...flags, to: [{ domain: "b.example", isOurs: false }] })}\n`;
    }).join("");
  const days = Array.from({ length: 14 }, (_, day) => judged(day, 0.5, 10)).join("");
  writeFileSync(join(folderOfVerdicts, "20261115T09.jsonl"), days + judged(14, 8, 120));
  const lines = [...fortnight, ...sent(14, 120, { of: "stranger" })];
  expect(await look(lines)).toMatchObject([{ alert: { certainty: "possible" }, hold: null }]);
  await verdicts.read();
  expect(await look(lines)).toMatchObject([
    {
      alert: {
        certainty: "high",
        signs: [{ kind: "volume" }, { kind: "first-time" }, { kind: "score", measured: 8, of: 0.5 }],
      },
      hold: { by: "agent" },
    },
  ]);
});

test("a host that is to tell only, or whose owner forbids holding, tells and holds nothing", async () => {
  nowMs = start + 14 * dayMs + 180_000;
  applied("alert");
  expect(await look(robbed)).toMatchObject([{ alert: { certainty: "high" }, hold: null }]);
  applied("hold");
  const policy = pathUnder(folder)(agentPaths.ownerPolicy);
  mkdirSync(dirname(policy), { recursive: true });
  writeFileSync(policy, '{"deny": ["hold-account"]}');
  expect(await look(robbed)).toEqual([]);
  expect(answerTo(ann)).toBeUndefined();
  // The owner has thought again: what is certain still holds.
  rmSync(policy);
  expect(await look(robbed)).toMatchObject([{ hold: { by: "agent" } }]);
});
