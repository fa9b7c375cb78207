import { generateKeyPairSync, randomUUID } from "node:crypto";
import type { BlockListBatch } from "@mailstead/core/block-lists";
import { agents, auditEntries, blockListSettings, checkFindings } from "@mailstead/db";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { eq, isNull } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { hasHostView, listFindingChanges } from "../checks/index.ts";
import { withTransaction } from "../context/index.ts";
import { openBox, storeSealingKey } from "../secrets/index.ts";
import { getTargetState } from "../servers/index.ts";
import { storeTelemetry } from "../telemetry/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { makeTestOpener } from "../testing/test-opener.ts";
import {
  changeBlockListSettings,
  forgetOldListChanges,
  getBlockListSettings,
  getFleetBlockLists,
  getServerBlockLists,
  recordBlockListFindings,
  tellHostsOfSettings,
} from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
let sequence = 0;
const epoch = randomUUID();
const opener = makeTestOpener();
const address = "203.0.113.9";
beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  await storeSealingKey(t.system, opener);
  return () => t.close();
});
afterAll(() => shared.close());

type Answer = BlockListBatch["answers"][number]["answer"];
const clear: Answer = { kind: "clear" };
const listed: Answer = { kind: "listed", codes: ["127.0.0.2"], text: "spam seen" };
const unknown: Answer = { kind: "unknown", problem: "nobody answered in time" };

/** A round that is told whole, some minutes after the last. */
async function round(says: Record<string, Answer>, more: Partial<BlockListBatch> = {}): Promise<void> {
  t.clock.now = new Date(t.clock.now.getTime() + 45 * 60_000);
  const answers = Object.entries(says).map(([of, answer]) => {
    const [list = "", subject = address] = of.split(" ");
    return { list, subject, answer };
  });
  sequence += 1;
  const { problem } = await storeTelemetry(t.gateway, {
    serverId: t.serverId,
    stream: "block-lists",
    epoch,
    sequence,
    batch: { at: t.clock.now.getTime(), isLast: true, answers, ...more },
  });
  expect(problem).toBeNull();
}
const parts = () => ({ app: t.database.app, installation: t.installation });
const read = () => getServerBlockLists(t.owner, { serverId: t.serverId });
const states = async () => Object.fromEntries((await read()).entries.map(({ list, state }) => [list, state]));
async function findings(): Promise<string[]> {
  expect(await recordBlockListFindings(t.system, parts())).toEqual([]);
  return (await listFindingChanges(t.owner)).map(({ what, sentence }) => `${what}: ${sentence}`);
}

test("a listing is known since its first round, survives a lookup that fails, and ends with a clear answer", async () => {
  await round({ zen: listed, psbl: clear });
  const since = t.clock.now;
  expect((await read()).entries[0]).toMatchObject({
    list: "zen",
    state: "listed",
    since,
    text: "spam seen",
    meanings: ["SBL, spam sources"],
    steps: expect.arrayContaining([expect.stringContaining("https://check.spamhaus.org/")]),
  });
  await round({ zen: unknown, psbl: clear });
  expect((await read()).entries[0]).toMatchObject({
    state: "listed",
    since,
    problem: "nobody answered in time",
  });
  await round({ zen: clear, psbl: clear });
  const { entries, changes } = await read();
  expect(entries.map(({ state }) => state)).toEqual(["clear", "clear"]);
  expect(changes.map(({ change, codes }) => `${change} ${codes.join()}`)).toEqual([
    "clear 127.0.0.2",
    "listed 127.0.0.2",
  ]);
});

test("the page has what is listed first, then what could not be asked, then what is clean", async () => {
  await round({ psbl: listed, spamcop: unknown, zen: clear, barracuda: listed, dronebl: clear });
  expect((await read()).entries.map(({ list, state }) => `${list} ${state}`)).toEqual([
    "barracuda listed",
    "psbl listed",
    "spamcop unknown",
    "zen clear",
    "dronebl clear",
  ]);
});

test("the fleet's page has every listing with its server, and how each list answered", async () => {
  await round({ psbl: listed, spamcop: unknown, zen: clear });
  expect(await getFleetBlockLists(t.owner)).toMatchObject({
    listings: [{ serverId: t.serverId, list: "psbl", subject: address, text: "spam seen" }],
    lists: [
      { list: "zen", listed: 0, clear: 1, unknown: 0 },
      { list: "spamcop", listed: 0, clear: 0, unknown: 1 },
      { list: "psbl", listed: 1, clear: 0, unknown: 0 },
    ],
    servers: 1,
    untold: 0,
  });
  expect(await getFleetBlockLists(await t.makeStranger())).toMatchObject({ listings: [], lists: [] });
});

test("a finding opens with a listing, stays through silence, and closes when the list says that it is gone", async () => {
  await round({ zen: listed, spamcop: unknown });
  const opened = `opened: ${address} is on the block list Spamhaus ZEN (SBL, spam sources).`;
  expect(await findings()).toEqual([opened]);
  await round({ zen: unknown, spamcop: unknown });
  expect(await findings()).toEqual([opened]);
  await round({ zen: clear });
  // What came and went within a day is no news.
  expect(await findings()).toEqual([]);
  expect(await t.database.admin.query.select().from(checkFindings)).toMatchObject([
    { key: `block-list-seen-address ${address} zen`, closedAt: t.clock.now },
  ]);
});

test("a listing of a host that is away grows old after two days and is told no more after two weeks", async () => {
  await round({ zen: listed });
  await findings();
  const open = async () =>
    (await t.database.admin.query.select().from(checkFindings).where(isNull(checkFindings.closedAt))).map(
      ({ severity, sentence }) => `${severity}: ${sentence}`,
    );
  expect(await open()).toEqual([expect.stringMatching(/^error: .* is on the block list/)]);
  t.clock.now = new Date(t.clock.now.getTime() + 49 * 3_600_000);
  await findings();
  expect(await open()).toEqual([
    expect.stringMatching(/^warning: .* was on the block list Spamhaus ZEN when/),
  ]);
  expect((await read()).entries).toMatchObject([{ state: "listed", age: "old" }]);
  expect(await getFleetBlockLists(t.owner)).toMatchObject({ listings: [{ age: "old" }], withoutSpamhaus: 0 });
  t.clock.now = new Date(t.clock.now.getTime() + 13 * 86_400_000);
  await findings();
  expect(await open()).toEqual([]);
});

test("a listing that weighs less grows old on a host that is away as any other does", async () => {
  await round({ psbl: listed });
  await findings();
  t.clock.now = new Date(t.clock.now.getTime() + 49 * 3_600_000);
  await findings();
  const open = await t.database.admin.query
    .select()
    .from(checkFindings)
    .where(isNull(checkFindings.closedAt));
  expect(open).toMatchObject([
    { severity: "warning", sentence: expect.stringContaining("was on the block list") },
  ]);
});

test("the fleet's page says how many servers leave Spamhaus out", async () => {
  await round({ spamcop: clear });
  expect(await getFleetBlockLists(t.owner)).toMatchObject({ withoutSpamhaus: 1 });
});

test("what a whole round did not ask about any more is no listing; a part of one ends nothing", async () => {
  await round({ zen: listed, "zen 198.51.100.1": listed });
  await round({ zen: listed }, { isLast: false });
  expect((await read()).entries).toHaveLength(2);
  await round({ zen: listed });
  expect((await read()).entries.map(({ subject }) => subject)).toEqual([address]);
  await findings();
  const { rows } = await t.database.admin.pool.query("select subject from block_list_entries");
  expect(rows).toEqual([{ subject: address }]);
});

test("a round of a clock that is ahead, or of a list that is not known here, holds up nothing", async () => {
  await round(
    { zen: listed, "list-of-tomorrow": listed },
    { at: t.clock.now.getTime() + 10 * 365 * 86_400_000 },
  );
  expect(await states()).toEqual({ zen: "listed" });
  await round({ zen: clear });
  expect(await states()).toEqual({ zen: "clear" });
  t.clock.now = new Date(t.clock.now.getTime() + 400 * 86_400_000);
  await forgetOldListChanges(t.system);
  expect((await read()).changes).toEqual([]);
});

test("nobody asks from outside about a host that has asked for itself of late", async () => {
  const isAsking = () => withTransaction(t.owner, (tx) => hasHostView(tx, [t.serverId], t.clock.now));
  expect(await isAsking()).toBe(false);
  await round({ zen: clear });
  expect(await isAsking()).toBe(true);
  t.clock.now = new Date(t.clock.now.getTime() + 4 * 60 * 60_000);
  expect(await isAsking()).toBe(false);
});

test("a key of Spamhaus reaches each host sealed for its agent, and is readable nowhere else", async () => {
  const pair = generateKeyPairSync("x25519");
  const sealingKey = pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
  await t.database.admin.query.update(agents).set({ sealingKey }).where(eq(agents.serverId, t.serverId));
  const key = "abcdefghij0123456789";
  await expect(changeBlockListSettings(t.owner, { spamhaus: "key" })).rejects.toMatchObject({
    kind: "invalid",
    field: "key",
  });
  await expect(changeBlockListSettings(t.owner, { spamhaus: "key", key: "a.b" })).rejects.toMatchObject({
    kind: "invalid",
  });
  await expect(changeBlockListSettings(t.as("technician"), { spamhaus: "key", key })).rejects.toMatchObject({
    kind: "forbidden",
  });
  await changeBlockListSettings(t.owner, { spamhaus: "key", key });
  expect(await getBlockListSettings(t.owner)).toMatchObject({ spamhaus: "key" });

  const tell = () => tellHostsOfSettings(t.system, { ...parts(), opener });
  const told = async () => (await getTargetState(t.owner, { serverId: t.serverId })).state;
  expect(await tell()).toEqual([]);
  const first = await told();
  const { spamhaus } = first.blockLists;
  if (spamhaus.kind !== "key") throw new Error("The host was not told of the key.");
  expect(openBox(spamhaus.key.box, { privateKey: pair.privateKey, info: "mailstead-sealed-secret" })).toBe(
    key,
  );
  // Told once, and again to an agent that could not open it.
  await tell();
  expect((await told()).revision).toBe(first.revision);
  const next = generateKeyPairSync("x25519").publicKey.export({ format: "der", type: "spki" });
  await t.database.admin.query
    .update(agents)
    .set({ sealingKey: next.subarray(-32).toString("base64") })
    .where(eq(agents.serverId, t.serverId));
  await tell();
  expect((await told()).revision).toBe(first.revision + 1);
  await changeBlockListSettings(t.owner, { spamhaus: "public" });
  await tell();
  expect((await told()).blockLists).toEqual({ spamhaus: { kind: "public" }, abusix: null });

  const stored = [
    await t.database.admin.query.select().from(auditEntries),
    await t.database.admin.query.select().from(blockListSettings),
  ];
  expect(JSON.stringify(stored)).not.toContain(key);
});

test("a key of Abusix goes the same way, beside Spamhaus and without it", async () => {
  const pair = generateKeyPairSync("x25519");
  const sealingKey = pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
  await t.database.admin.query.update(agents).set({ sealingKey }).where(eq(agents.serverId, t.serverId));
  const abusixKey = "fedcba9876543210fedc";
  const change = (input: object) => changeBlockListSettings(t.owner, { spamhaus: "none", ...input });
  await expect(change({ abusix: "key" })).rejects.toMatchObject({ kind: "invalid", field: "abusixKey" });
  await expect(change({ abusix: "key", abusixKey: "a.b" })).rejects.toMatchObject({ kind: "invalid" });
  await change({ abusix: "key", abusixKey });
  expect(await getBlockListSettings(t.owner)).toMatchObject({ spamhaus: "none", abusix: "key" });
  const tell = () => tellHostsOfSettings(t.system, { ...parts(), opener });
  const told = async () => (await getTargetState(t.owner, { serverId: t.serverId })).state;
  expect(await tell()).toEqual([]);
  const first = await told();
  const opened = (box: string) =>
    openBox(box, { privateKey: pair.privateKey, info: "mailstead-sealed-secret" });
  expect(opened(first.blockLists.abusix?.box ?? "")).toBe(abusixKey);
  // A change of Spamhaus leaves it, the same again tells nobody anew, and it can be taken back.
  await change({ abusix: "key" });
  await tell();
  expect((await told()).revision).toBe(first.revision);
  await change({ spamhaus: "public" });
  await tell();
  expect((await told()).blockLists).toMatchObject({ spamhaus: { kind: "public" }, abusix: {} });
  const next = generateKeyPairSync("x25519").publicKey.export({ format: "der", type: "spki" });
  await t.database.admin.query
    .update(agents)
    .set({ sealingKey: next.subarray(-32).toString("base64") })
    .where(eq(agents.serverId, t.serverId));
  const { revision } = await told();
  await tell();
  expect((await told()).revision).toBe(revision + 1);
  await change({ spamhaus: "public", abusix: "none" });
  await tell();
  expect((await told()).blockLists).toEqual({ spamhaus: { kind: "public" }, abusix: null });
  const stored = [
    await t.database.admin.query.select().from(auditEntries),
    await t.database.admin.query.select().from(blockListSettings),
  ];
  expect(JSON.stringify(stored)).not.toContain(abusixKey);
});

test("another organisation sees nothing of it", async () => {
  await round({ zen: listed });
  const stranger = await t.makeStranger();
  await expect(getServerBlockLists(stranger, { serverId: t.serverId })).rejects.toMatchObject({
    kind: "not-found",
  });
  expect(await getBlockListSettings(stranger)).toEqual({
    spamhaus: "none",
    abusix: "none",
    changedAt: null,
  });
});
