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
import { forgetStored, readFirstBatch } from "./spool.ts";
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
const line = (at: number, more: object = {}) =>
  `${JSON.stringify({
    at: Math.floor(at / 1000),
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

test("each verdict counts once, wherever lines are cut, hours pass, files go or an answer is lost", async () => {
  const step = fc.constantFrom("write", "write-half", "read", "restart", "hour", "send", "send-unheard");
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
          appendFileSync(fileOf(now), line(now).slice(0, 50));
          await reader.read();
          appendFileSync(fileOf(now), line(now).slice(50));
          written += 1;
        } else if (what === "read") await reader.read();
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
  expect(there.told.sent).not.toMatch(/secret|@/);
});

test("a link that somebody laid in the folder is not followed", async () => {
  await source().read();
  writeFileSync(join(root, "others"), line(now));
  symlinkSync(join(root, "others"), fileOf(now));
  await expect(source().read()).rejects.toThrow(/ELOOP/);
});
