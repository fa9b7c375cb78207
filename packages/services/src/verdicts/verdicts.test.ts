import { randomUUID } from "node:crypto";
import type { VerdictCount } from "@mailstead/core/verdicts";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { removeServer } from "../servers/index.ts";
import { storeTelemetry } from "../telemetry/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { forgetOldVerdicts, getServerVerdicts } from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
const at = Date.parse("2026-11-20T11:58:00Z");
const count: VerdictCount = {
  minute: at,
  direction: "inbound",
  domain: "a.example",
  provider: "gmail",
  action: "rejected",
  messages: 2,
  facts: { "spf-fail": 2, "dmarc-fail": 1 },
  scores: { "16": 2 },
  symbols: { BAYES_SPAM: 2 },
};
const sent: VerdictCount = {
  ...count,
  direction: "outbound",
  action: "accepted",
  messages: 5,
  facts: { signed: 4, aligned: 4 },
  scores: { "-1": 4, "7": 1 },
  symbols: { DKIM_SIGNED: 4 },
};

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  return () => t.close();
});
afterAll(() => shared.close());

const store = (sequence: number, counts: readonly unknown[], epoch = randomUUID()) =>
  storeTelemetry(t.gateway, {
    serverId: t.serverId,
    stream: "verdicts",
    epoch,
    sequence,
    batch: { counts },
  });
const messages = async (table: "hours" | "days") => {
  const { rows } = await t.database.admin.pool.query<{ starts_at: Date; messages: string }>(
    `select starts_at, sum(messages) as messages from verdict_${table} group by starts_at order by starts_at`,
  );
  return rows.map((row) => [row.starts_at.toISOString(), Number(row.messages)]);
};

test("a server's page says what Rspamd did with what came, and what leaves under its own names", async () => {
  await store(1, [
    count,
    { ...count, provider: null, action: "accepted", messages: 3, facts: {}, scores: { "0": 3 }, symbols: {} },
    sent,
    { ...sent, domain: "", messages: 50 },
    { ...sent, direction: "internal", messages: 50 },
  ]);
  const overview = await getServerVerdicts(t.owner, { serverId: t.serverId });
  expect(overview).toMatchObject({
    toldAt: t.clock.now,
    inbound: {
      messages: 5,
      actions: { rejected: 2, accepted: 3 },
      facts: { "spf-fail": 2, "dmarc-fail": 1 },
      topSymbols: [{ symbol: "BAYES_SPAM", messages: 2 }],
    },
    outbound: { messages: 5, facts: { signed: 4, aligned: 4 } },
  });
  expect(overview.inbound.scores.find(({ from }) => from === 15)?.messages).toBe(2);
});

test("each verdict counts once by hour and day, however often its batch is sent", async () => {
  let sum = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 12 }), async (sequences) => {
      const epoch = randomUUID();
      let known = 0;
      for (const sequence of sequences) {
        await store(sequence, [count, { ...count, minute: at - 3_600_000, messages: 1 }], epoch);
        if (sequence > known) sum += 3;
        known = Math.max(known, sequence);
      }
      const total = (rows: Awaited<ReturnType<typeof messages>>) =>
        rows.reduce((all, [, counted]) => all + Number(counted), 0);
      expect(total(await messages("hours"))).toBe(sum);
      expect(total(await messages("days"))).toBe(sum);
    }),
    { numRuns: 6 },
  );
});

test("what is older than it is kept for is left out, then removed, and what claims to be of tomorrow counts now", async () => {
  await store(1, [
    count,
    { ...count, minute: at - 60 * 86_400_000 },
    { ...count, minute: at - 2000 * 86_400_000 },
    { ...count, minute: at + 86_400_000 },
  ]);
  expect(await messages("hours")).toEqual([
    ["2026-11-20T11:00:00.000Z", 2],
    ["2026-11-20T12:00:00.000Z", 2],
  ]);
  expect((await messages("days")).map(([, counted]) => counted)).toEqual([2, 4]);
  t.clock.now = new Date("2027-03-05T00:00:00Z");
  await forgetOldVerdicts(t.system);
  expect(await messages("hours")).toEqual([]);
  expect(await messages("days")).toHaveLength(2);
});

test("a stranger finds nothing, and a server that is removed takes its verdicts with it", async () => {
  await store(1, [count]);
  const stranger = await t.makeStranger();
  await expect(getServerVerdicts(stranger, { serverId: t.serverId })).rejects.toMatchObject({
    kind: "not-found",
  });
  await removeServer(t.owner, { serverId: t.serverId });
  expect(await messages("days")).toEqual([]);
});
