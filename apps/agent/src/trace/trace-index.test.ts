import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TraceChange, TraceCriteria } from "@mailstead/core/trace";
import { beforeEach, describe, expect, test } from "vitest";
import { inTransaction, withStore } from "../telemetry/store.ts";
import { indexTrace } from "./index-trace.ts";
import { indexVerdicts } from "./index-verdicts.ts";
import { type TraceLimits, traceLimits } from "./prune-trace.ts";
import { searchTrace } from "./search-trace.ts";
import { traceMessage } from "./trace-message.ts";

let storePath: string;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-trace-"));
  storePath = join(folder, "telemetry.sqlite");
  return () => rmSync(folder, { recursive: true });
});

const start = Date.parse("2026-11-20T10:00:00Z");
const dayMs = 86_400_000;

interface Sent {
  at?: number;
  from?: string;
  to?: readonly string[];
  originalTo?: string;
  messageId?: string;
  login?: string;
}

function sent(
  queueId: string,
  { at = start, from, to, originalTo, messageId, login }: Sent = {},
): TraceChange {
  return {
    queueId,
    begins: true,
    at,
    facts: {
      from: from ?? "ann@a.example",
      messageId: messageId ?? `${queueId}@a.example`,
      saslUsername: login ?? null,
      recipientCount: to?.length ?? 1,
    },
    events: (to ?? ["bob@b.example"]).map((address) => ({
      kind: "attempt",
      at: at + 1000,
      to: address,
      originalTo: originalTo ?? null,
      relay: { name: "mx.b.example", address: "192.0.2.9" },
      isHere: false,
      status: "sent",
      dsn: "2.0.0",
      reply: "250 2.0.0 Ok",
      delayS: 1,
      tlsVersion: null,
      provider: null,
      category: null,
      handedOnAs: null,
    })),
    endedAt: at + 2000,
  };
}

function refused(to: string, at = start): TraceChange {
  const event = { kind: "refused", at, action: "reject", stage: "RCPT", code: "550", dsn: "5.1.1" } as const;
  return {
    queueId: null,
    begins: true,
    at,
    facts: { from: "carl@far.example" },
    events: [{ ...event, reason: "User unknown", to }],
    endedAt: at,
  };
}

const index = (changes: readonly TraceChange[], readAt = start, limits: TraceLimits = traceLimits) =>
  withStore(storePath, (database) =>
    inTransaction(database, () => indexTrace(database, { changes, sessions: [], readAt }, limits)),
  );
const search = (criteria: TraceCriteria, visibleDomains: string[] | null = null) =>
  withStore(storePath, (database) => searchTrace(database, { ...criteria, visibleDomains }));
const idsOf = async (criteria: TraceCriteria, visibleDomains: string[] | null = null) =>
  (await search(criteria, visibleDomains)).messages.map(({ queueId }) => queueId);

describe("a search", () => {
  beforeEach(() =>
    index([
      sent("4AAAA1", { login: "ann@a.example" }),
      sent("4AAAA2", { at: start + 1000, from: "eve@c.example", to: ["Ann@A.example", "dan@a.example"] }),
      sent("4AAAA3", {
        at: start + 2000,
        from: "SRS0=x=4D=far.example=carl@mail.a.example",
        to: ["p@gmail.com"],
        originalTo: "info@a.example",
      }),
      refused("nobody@a.example", start + 3000),
    ]),
  );

  test.each<[TraceCriteria, (string | null)[]]>([
    [{ sender: "ann@a.example" }, ["4AAAA1"]],
    [{ sender: "Carl@far.example" }, [null, "4AAAA3"]],
    [{ recipient: "ann@a.example" }, ["4AAAA2"]],
    [{ recipient: "info@a.example" }, ["4AAAA3"]],
    [{ recipient: "nobody@a.example" }, [null]],
    [{ recipient: "dan@a.example", sender: "eve@c.example" }, ["4AAAA2"]],
    [{ recipient: "dan@a.example", sender: "ann@a.example" }, []],
    [{ domain: "a.example" }, [null, "4AAAA3", "4AAAA2", "4AAAA1"]],
    [{ domain: "gmail.com", sender: "carl@far.example" }, ["4AAAA3"]],
    [{ messageId: "<4AAAA2@a.example>" }, ["4AAAA2"]],
    [{ queueId: "4AAAA1" }, ["4AAAA1"]],
    [{ domain: "a.example", fromUnixMs: start + 500, untilUnixMs: start + 2500 }, ["4AAAA3", "4AAAA2"]],
    [{ recipient: "stranger@x.example" }, []],
  ])("by %j finds %j", async (criteria, found) => {
    expect(await idsOf(criteria)).toEqual(found);
  });

  test("shows a customer's people the mail of their own domains only", async () => {
    expect(await idsOf({ domain: "a.example" }, ["a.example"])).toEqual([null, "4AAAA3", "4AAAA2", "4AAAA1"]);
    expect(await idsOf({ domain: "a.example" }, ["c.example"])).toEqual([]);
    expect(await idsOf({ domain: "a.example" }, ["b.example"])).toEqual(["4AAAA1"]);
  });

  test("says since when and until when the index knows", async () => {
    expect(await search({ queueId: "4FFFF1" })).toEqual({
      indexBeginsAt: start,
      readUntilAt: start,
      messages: [],
      hasMore: false,
    });
  });

  test("finds what was logged just now, since the log is read on before it answers", async () => {
    const readLog = () => index([sent("4AAAA9")], start + 60_000);
    const args = { queueId: "4AAAA9", visibleDomains: null };
    expect((await traceMessage({ storePath, readLog }, args)).messages).toHaveLength(1);
  });

  test("answers from what it has where the log takes long to read", async () => {
    const readLog = () => new Promise<void>(() => undefined);
    const args = { queueId: "4AAAA1", visibleDomains: null };
    expect((await traceMessage({ storePath, readLog }, args)).messages).toHaveLength(1);
  });
});

test("a message goes on in what is kept of it, and one under the same queue id begins anew", async () => {
  const first = sent("4AAAA1");
  await index([{ ...first, events: [], endedAt: null }]);
  await index([{ ...first, begins: false, facts: {} }], start + 60_000);
  await index([sent("4AAAA1", { at: start + dayMs, messageId: "other@a.example" })], start + dayMs);
  const { messages } = await search({ queueId: "4AAAA1" });
  expect(messages).toMatchObject([
    { messageId: "other@a.example" },
    {
      messageId: "4AAAA1@a.example",
      beganAt: start,
      endedAt: start + 2000,
      events: [{ to: "bob@b.example" }],
    },
  ]);
});

test("what is older than a month is forgotten with all that led to it, and the index says so", async () => {
  await index([sent("4AAAA1"), sent("4AAAA2", { at: start + 20 * dayMs })], start + 20 * dayMs);
  const verdict = { action: "accepted", score: 1 } as const;
  await withStore(storePath, (database) =>
    indexVerdicts(database, [
      { ...verdict, queueId: "4AAAA1", at: start },
      { ...verdict, queueId: "4AAAA2", at: start + 20 * dayMs },
    ]),
  );
  await index([], start + 31 * dayMs);
  const { messages, indexBeginsAt } = await search({ sender: "ann@a.example" });
  expect(messages.map(({ queueId }) => queueId)).toEqual(["4AAAA2"]);
  expect(indexBeginsAt).toBe(start);
  const left = await withStore(storePath, (database) =>
    ["trace_messages", "trace_events", "trace_recipients", "trace_verdicts"].map((table) =>
      Number(database.prepare(`select count(*) as count from ${table}`).get()?.["count"]),
    ),
  );
  expect(left).toEqual([1, 1, 1, 1]);
});

test("a store that grows too large loses refusals of earlier days before messages, and then the oldest", async () => {
  const small = { ...traceLimits, sizeMaxBytes: 1, forgottenAtOnceMax: 1 };
  const now = start + 10 * dayMs;
  await index([sent("4AAAA1"), refused("bob@b.example", start + 1000), sent("4AAAA2", { at: now })], now);
  await index([], now, small);
  expect(await idsOf({ domain: "b.example" })).toEqual(["4AAAA2", "4AAAA1"]);
  await index([], now, small);
  expect(await idsOf({ domain: "b.example" })).toEqual(["4AAAA2"]);
});

test("one answer holds no more than a frame carries, whatever is found", async () => {
  const many = Array.from({ length: 300 }, (_, at) => `u${at}@b.example`);
  await index(Array.from({ length: 60 }, (_, at) => sent(`4AAA${at + 10}`, { at: start + at, to: many })));
  const answer = await search({ sender: "ann@a.example" });
  expect(answer.hasMore).toBe(true);
  expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(600_000);
  const [one] = (await search({ recipient: "u299@b.example", queueId: "4AAA10" })).messages;
  expect(one).toMatchObject({
    eventsLeftOut: 100,
    events: expect.arrayContaining([expect.objectContaining({ to: "u299@b.example" })]),
  });
});
