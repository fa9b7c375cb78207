import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { momentMark } from "../text/index.ts";
import {
  type BlockListBatch,
  blockListBatchSchema,
  entryChange,
  foldAnswer,
  type HostEntry,
  judgeEntries,
  type ListAnswer,
  type ListEntry,
  planQuestions,
  roundBatches,
} from "./index.ts";

const at = Date.parse("2026-11-20T10:00:00Z");
const clear: ListAnswer = { kind: "clear" };
const listed: ListAnswer = { kind: "listed", codes: ["127.0.0.2"], text: "spam seen" };
const unknown: ListAnswer = { kind: "unknown", problem: "no answer" };

describe("what a host asks", () => {
  const host = {
    addresses: ["203.0.113.9", "2001:db8::9"],
    names: ["mail.a.example", "a.example"],
  };

  test("every address, the network of each IPv6 address, and every name, each of the lists that have such entries", () => {
    const asked = planQuestions({ ...host, spamhaus: { kind: "public" } });
    const of = (list: string) =>
      asked
        .filter((one) => one.list === list)
        .map(({ family, subjects }) => `${family}: ${subjects.join(" ")}`);
    expect(of("zen")).toEqual(["ipv4: 203.0.113.9", "ipv6: 2001:db8::9 2001:db8::/64"]);
    expect(of("spamcop")).toEqual(["ipv4: 203.0.113.9"]);
    expect(of("dbl")).toEqual(["domains: mail.a.example a.example"]);
  });

  test("a list proves in each family that it lives", () => {
    const proofs = planQuestions({ ...host, spamhaus: { kind: "public" } })
      .filter(({ list }) => list === "zen")
      .map((one) => one.proofs);
    expect(proofs).toEqual([
      { listed: "127.0.0.2", clear: ["127.0.0.1"] },
      { listed: "::ffff:7f00:2", clear: ["::ffff:7f00:1"] },
    ]);
  });

  test("Spamhaus is asked only as somebody has said, and a list with a key of its own not at all", () => {
    const zones = (spamhaus: Parameters<typeof planQuestions>[0]["spamhaus"]) =>
      new Set(planQuestions({ ...host, spamhaus }).map(({ zone }) => zone));
    expect([...zones({ kind: "none" })].some((zone) => zone.includes("spamhaus"))).toBe(false);
    expect(zones({ kind: "public" })).toContain("zen.spamhaus.org");
    expect(zones({ kind: "key", key: "abc" })).toContain("abc.zen.dq.spamhaus.net");
    expect(planQuestions({ ...host, spamhaus: { kind: "none" } }).map(({ list }) => list)).not.toContain(
      "abusix",
    );
  });
});

describe("what is known of an entry", () => {
  test("one lookup that fails neither opens nor closes a listing, and since-when stays", () => {
    const opened = foldAnswer(null, listed, at);
    const failed = foldAnswer(opened, unknown, at + 1);
    expect(failed).toEqual({ ...opened, askedAt: at + 1, problem: "no answer" });
    expect(foldAnswer(failed, listed, at + 2)).toMatchObject({ state: "listed", since: at, problem: null });
    expect(foldAnswer(null, unknown, at).state).toBe("unknown");
  });

  const answer = fc.constantFrom(clear, listed, unknown);
  test("whatever comes: the state is what the last believed answer said, since its run began", () => {
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1, maxLength: 30 }), (answers) => {
        let entry: ListEntry | null = null;
        for (const [index, one] of answers.entries()) entry = foldAnswer(entry, one, at + index);
        const believed = answers.map((one, index) => ({ one, index })).filter(({ one }) => one !== unknown);
        const last = believed.at(-1);
        expect(entry?.state).toBe(last?.one.kind ?? "unknown");
        expect(entry?.seenAt).toBe(last === undefined ? null : at + last.index);
        const other = believed.findLastIndex(({ one }) => one !== last?.one);
        expect(entry?.since).toBe(at + (believed[other + 1]?.index ?? 0));
        expect(entry?.problem === null).toBe(answers.at(-1) !== unknown);
      }),
    );
  });

  test("an answer from before the last changes nothing, and the history has a line for each coming and going", () => {
    const now = foldAnswer(null, listed, at);
    expect(foldAnswer(now, clear, at - 1)).toBe(now);
    expect(foldAnswer(now, clear, at)).toBe(now);
    const gone = foldAnswer(now, clear, at + 1);
    expect([entryChange(null, now), entryChange(now, now), entryChange(now, gone)]).toEqual([
      "listed",
      null,
      "clear",
    ]);
    expect(entryChange(null, foldAnswer(null, clear, at))).toBeNull();
    expect(entryChange(now, foldAnswer(now, unknown, at + 1))).toBeNull();
  });
});

describe("findings", () => {
  const entry = (over: Partial<HostEntry>): HostEntry => ({
    ...foldAnswer(null, listed, at),
    list: "zen",
    subject: "203.0.113.9",
    ...over,
  });

  test("a listing tells the list by its name, the code and what it means, the list's words, since when and what to do; what is clear or unknown tells nothing", () => {
    const found = judgeEntries(
      [
        entry({}),
        entry({ list: "spamcop", state: "clear" }),
        entry({ list: "psbl", state: "unknown" }),
        entry({ list: "dbl", subject: "a.example", codes: ["127.0.1.4"] }),
      ],
      at,
    );
    expect(found.map(({ kind, about, severity }) => [kind, about, severity])).toEqual([
      ["block-list-seen-address", "203.0.113.9 zen", "error"],
      ["block-list-seen-domain", "a.example dbl", "error"],
    ]);
    expect(found[0]?.evidence).toEqual([
      "Spamhaus ZEN lists 203.0.113.9: it answers 127.0.0.2, SBL, spam sources",
      "the list says: spam seen",
      `listed since ${momentMark(at)}`,
    ]);
    expect(found[0]?.fix).toMatch(/^Find what was sent .* https:\/\/check\.spamhaus\.org\/ with 203/);
  });

  test("a listing that could not be asked again stays, and says so", () => {
    const stale = { ...entry({}), ...foldAnswer(entry({}), unknown, at + 1) };
    expect(judgeEntries([stale], at + 1)[0]?.evidence).toContain("it could not be asked again: no answer");
  });

  test("a listing that no list confirms any more says when one last did, weighs less after two days, and is gone after two weeks", () => {
    const hour = 3_600_000;
    const stale = { ...entry({}), ...foldAnswer(entry({}), unknown, at + hour) };
    expect(judgeEntries([stale], at + 47 * hour)).toMatchObject([{ severity: "error" }]);
    const [old] = judgeEntries([stale], at + 48 * hour);
    expect(old).toMatchObject({
      severity: "warning",
      sentence:
        "203.0.113.9 was on the block list Spamhaus ZEN when the server could last ask it, more than two days ago.",
    });
    expect(old?.evidence).toContain(`last confirmed ${momentMark(at)}`);
    expect(judgeEntries([stale], at + 14 * 24 * hour)).toEqual([]);
    const again = foldAnswer(stale, listed, at + 50 * hour);
    expect(judgeEntries([{ ...stale, ...again }], at + 60 * hour)).toMatchObject([{ severity: "error" }]);
  });

  test("an address whose provider forbids mail servers is not told to look for spam", () => {
    expect(judgeEntries([entry({ codes: ["127.0.0.11"] })], at)[0]?.fix).toMatch(/^Nothing bad was sent/);
  });
});

test("a round is cut into parts of which the last says that it is over", () => {
  const answers: BlockListBatch["answers"] = Array.from({ length: 2500 }, (_, index) => ({
    list: "zen",
    subject: `h${index}.example`,
    answer: clear,
  }));
  const parts = roundBatches(at, answers);
  expect(parts.map(({ isLast, answers: part }) => [isLast, part.length])).toEqual([
    [false, 1000],
    [false, 1000],
    [true, 500],
  ]);
  expect(roundBatches(at, [])).toEqual([{ at, isLast: true, answers: [] }]);
  for (const part of parts) expect(blockListBatchSchema.parse(part)).toEqual(part);
});
