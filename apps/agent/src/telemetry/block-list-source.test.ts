import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blockListBatchSchema } from "@mailstead/core/block-lists";
import type { DnsLookupAnswer } from "@mailstead/core/dns";
import { beforeEach, expect, test, vi } from "vitest";
import type { ListResolver } from "../block-lists/list-resolver.ts";
import { pathUnder, realHost } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";
import { sealForTest } from "../testing/seal-for-test.ts";
import { makeIdentity, makeTarget } from "../testing/test-identity.ts";
import { blockListSource, roundEveryMs } from "./block-list-source.ts";
import { forgetStored, readFirstBatch } from "./spool.ts";
import { readStreamState } from "./stream-state.ts";

const start = Date.parse("2026-11-20T10:00:00Z");
const own = "203.0.113.9";
let folder: string;
let storePath: string;
let nowMs: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mailstead-lists-"));
  storePath = join(folder, "telemetry.sqlite");
  nowMs = start;
  return () => rmSync(folder, { recursive: true });
});

const { identity } = makeIdentity();
const host = () => ({ ...realHost(), path: pathUnder(folder), nowUnixMs: () => nowMs });

function applied(changes: object = {}): void {
  mkdirSync(pathUnder(folder)(agentPaths.targets), { recursive: true });
  writeFileSync(join(pathUnder(folder)(agentPaths.targets), "applied.json"), makeTarget(changes).text);
}

/** Lists that pass their own test, and what else they say. */
function lists(says: Record<string, DnsLookupAnswer> = {}) {
  const asked: string[] = [];
  let openNow = 0;
  const world = { asked, openMost: 0, fails: false, isWild: false, hasEntry: true };
  const resolver: ListResolver = {
    async answer({ name, type }) {
      asked.push(`${type} ${name}`);
      openNow += 1;
      world.openMost = Math.max(world.openMost, openNow);
      await Promise.resolve();
      openNow -= 1;
      if (world.fails) return { kind: "failed", problem: "nobody answered in time" };
      const said = says[`${type} ${name}`];
      if (said !== undefined) return said;
      if (type === "TXT") return { kind: "none" };
      const isProof = /^(2\.0\.0\.127\.|2\.0\.0\.0\.0\.0\.f\.7\.f\.f\.f\.f\.|test\.|surbl-org)/.test(name);
      const code = name.includes("dbl") ? "127.0.1.2" : "127.0.0.2";
      return (isProof && world.hasEntry) || world.isWild
        ? { kind: "found", values: [code] }
        : { kind: "none" };
    },
  };
  return { world, resolver };
}

const sourceOf = (resolver: ListResolver, addresses = [own, "10.0.0.1"]) =>
  blockListSource({
    host: host(),
    storePath,
    sealingKeys: identity.sealingKeys,
    resolver,
    addresses: () => addresses,
    chance: () => 0.5,
  });

/** Lets a round run to its end, and reads what it told. */
async function roundOf(source: ReturnType<typeof sourceOf>) {
  await source.read();
  const batch = await vi.waitFor(async () => {
    await source.read();
    const first = await readFirstBatch(storePath, "block-lists");
    if (first === null) throw new Error("The round is not over.");
    await forgetStored(storePath, { stream: "block-lists", ...first });
    return blockListBatchSchema.parse(first.batch);
  });
  const of = (list: string, subject: string) =>
    batch.answers.find((one) => one.list === list && one.subject === subject)?.answer;
  return { batch, of };
}

test("a host without a mail stack asks nobody", async () => {
  const { world, resolver } = lists();
  await sourceOf(resolver).read();
  expect(world.asked).toEqual([]);
});

test("a round tells all that lists say of the public addresses and the names, a few questions at a time", async () => {
  applied({ blockLists: { spamhaus: { kind: "public" } } });
  const { world, resolver } = lists({
    "A 9.113.0.203.zen.spamhaus.org": { kind: "found", values: ["127.0.0.3", "127.0.0.4"] },
    "TXT 9.113.0.203.zen.spamhaus.org": { kind: "found", values: ["seen at zen.spamhaus.org"] },
    "A 9.113.0.203.bl.spamcop.net": { kind: "found", values: ["127.255.255.254"] },
    "A alpha.example.dbl.spamhaus.org": { kind: "found", values: ["127.0.1.4"] },
  });
  const { batch, of } = await roundOf(sourceOf(resolver));
  expect(batch).toMatchObject({ at: start, isLast: true });
  expect(of("zen", own)).toEqual({
    kind: "listed",
    codes: ["127.0.0.3", "127.0.0.4"],
    text: "seen at zen.spamhaus.org",
  });
  // A refusal is no listing.
  expect(of("spamcop", own)).toMatchObject({ kind: "unknown" });
  expect(of("dbl", "alpha.example")).toMatchObject({ kind: "listed", codes: ["127.0.1.4"] });
  expect(of("dbl", "mail.alpha.example")).toEqual({ kind: "clear" });
  expect(batch.answers.some(({ subject }) => subject === "10.0.0.1")).toBe(false);
  expect(world.openMost).toBeLessThanOrEqual(8);
});

test("behind a NAT a host asks about the address to which its name leads, and else about its own alone", async () => {
  applied();
  const named = {
    "A mail.alpha.example": { kind: "found", values: ["198.51.100.40", "10.0.0.1"] },
    "AAAA mail.alpha.example": { kind: "found", values: ["2001:db8::40"] },
    "A 40.100.51.198.psbl.surriel.com": { kind: "found", values: ["127.0.0.2"] },
  } satisfies Record<string, DnsLookupAnswer>;
  const subjectsFrom = async (addresses: string[]) => {
    rmSync(storePath, { force: true });
    const { batch, of } = await roundOf(sourceOf(lists(named).resolver, addresses));
    return { of, subjects: new Set(batch.answers.map(({ subject }) => subject)) };
  };
  const behind = await subjectsFrom(["10.0.0.1"]);
  expect(behind.of("psbl", "198.51.100.40")).toMatchObject({ kind: "listed" });
  expect(behind.subjects).not.toContain("10.0.0.1");
  // It has no address of that family, so nothing of it is sent from there.
  expect([...behind.subjects].some((subject) => subject.includes(":"))).toBe(false);
  expect((await subjectsFrom([own, "10.0.0.1"])).subjects).not.toContain("198.51.100.40");
});

test("a list that is dead, or that lists everybody, counts as silent and is asked nothing more", async () => {
  applied();
  for (const change of [{ hasEntry: false }, { isWild: true }, { fails: true }]) {
    rmSync(storePath, { force: true });
    const { world, resolver } = lists();
    Object.assign(world, change);
    const { batch } = await roundOf(sourceOf(resolver));
    expect(batch.answers.length).toBeGreaterThan(10);
    expect(batch.answers.every(({ answer }) => answer.kind === "unknown")).toBe(true);
    expect(world.asked.some((question) => question.includes("9.113.0.203."))).toBe(false);
  }
});

test("in each family a list proves by an entry of that family that it lives", async () => {
  applied();
  const { resolver } = lists({
    "A 2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.dnsbl.dronebl.org": { kind: "none" },
  });
  const { of } = await roundOf(sourceOf(resolver, [own, "2001:db8::9"]));
  expect(of("dronebl", own)).toEqual({ kind: "clear" });
  expect(of("dronebl", "2001:db8::9")).toMatchObject({ kind: "unknown" });
  expect(of("blocklist-de", "2001:db8::/64")).toEqual({ kind: "clear" });
});

test("rounds come at most twice an hour, also after a kill in one, and at once with a new key", async () => {
  applied();
  const { world, resolver } = lists();
  await sourceOf(resolver).read();
  await vi.waitFor(() => expect(world.asked.length).toBeGreaterThan(0));
  // The agent is killed, and begins anew.
  const count = world.asked.length;
  const restarted = sourceOf(resolver);
  nowMs = start + roundEveryMs.min - 1;
  await restarted.read();
  await restarted.read();
  expect(await readFirstBatch(storePath, "block-lists")).toBeNull();
  applied({ blockLists: { spamhaus: { kind: "public" } } });
  await roundOf(restarted);
  expect(world.asked.length).toBeGreaterThan(count);
  nowMs += roundEveryMs.max;
  expect((await roundOf(restarted)).batch.at).toBe(nowMs);
  // Also where the clock went back.
  nowMs -= 365 * 86_400_000;
  expect((await roundOf(restarted)).batch.at).toBe(nowMs);
});

test("a key opens the zones of Spamhaus and is in nothing that is told or kept", async () => {
  const key = "abcdefghij0123456789";
  applied({
    blockLists: { spamhaus: { kind: "key", key: sealForTest(key, identity.sealingKeys.publicKey) } },
  });
  const { world, resolver } = lists({
    [`A 9.113.0.203.${key}.zen.dq.spamhaus.net`]: { kind: "found", values: ["127.0.0.2"] },
    [`TXT 9.113.0.203.${key}.zen.dq.spamhaus.net`]: {
      kind: "found",
      values: [`see ${key}.zen.dq.spamhaus.net for ${key}`],
    },
  });
  const { batch, of } = await roundOf(sourceOf(resolver));
  expect(of("zen", own)).toEqual({ kind: "listed", codes: ["127.0.0.2"], text: null });
  expect(world.asked.some((question) => question.includes(key))).toBe(true);
  expect(JSON.stringify(batch)).not.toContain(key);
  // One that was sealed for another agent leaves the other lists to be asked.
  rmSync(storePath, { force: true });
  applied({
    blockLists: {
      spamhaus: { kind: "key", key: sealForTest(key, makeIdentity().identity.sealingKeys.publicKey) },
    },
  });
  const other = await roundOf(sourceOf(resolver));
  expect(other.batch.answers.some(({ list }) => list === "zen")).toBe(false);
  expect(other.of("psbl", own)).toEqual({ kind: "clear" });
});

test("Abusix is asked with a key alone, which is in nothing that is told or kept", async () => {
  const key = "fedcba9876543210fedc";
  const spamhaus = { kind: "none" };
  applied({ blockLists: { spamhaus } });
  const without = await roundOf(sourceOf(lists().resolver));
  expect(without.of("abusix", own)).toBeUndefined();
  const sealed = sealForTest(key, identity.sealingKeys.publicKey);
  applied({ blockLists: { spamhaus, abusix: sealed } });
  const { world, resolver } = lists({
    [`A 9.113.0.203.${key}.combined.mail.abusix.zone`]: { kind: "found", values: ["127.0.0.4"] },
    [`TXT 9.113.0.203.${key}.combined.mail.abusix.zone`]: {
      kind: "found",
      values: [`asked as ${key.toUpperCase()}`],
    },
  });
  // A new key is tried at once.
  const { batch, of } = await roundOf(sourceOf(resolver));
  expect(of("abusix", own)).toEqual({ kind: "listed", codes: ["127.0.0.4"], text: null });
  expect(world.asked).toContain(`A 2.0.0.127.${key}.combined.mail.abusix.zone`);
  expect(world.asked).toContain(`A 1.0.0.127.${key}.combined.mail.abusix.zone`);
  expect(JSON.stringify(batch)).not.toContain(key);
  expect(await readStreamState(storePath, "block-lists")).not.toContain(key);
});
