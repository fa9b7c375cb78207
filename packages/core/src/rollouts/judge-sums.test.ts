import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  forgiveSums,
  judgeSums,
  type MailSums,
  type SummedServer,
  sumsSpacingMs,
  verdictOfSums,
} from "./judge-sums.ts";

const at = new Date("2026-11-20T12:00:00Z");
const later = new Date(at.getTime() + sumsSpacingMs);
const server = (
  now: readonly [count: number, of: number],
  usual: readonly [count: number, of: number],
  wave = 0,
): SummedServer => ({
  wave,
  shares: { deferred: { now: { count: now[0], of: now[1] }, usual: { count: usual[0], of: usual[1] } } },
});
const many = (count: number, one: SummedServer) => Array.from({ length: count }, () => one);
const judge = (servers: readonly SummedServer[], before: MailSums | null = null, now = at) =>
  judgeSums(servers, { before, forgiven: {}, now });
const kindOf = (servers: readonly SummedServer[]) =>
  judge(servers).parts.find(({ wave, about }) => wave === null && about === "deferred")?.kind;

describe("the mail of all changed servers together", () => {
  it.each([
    ["a small rise on each of many servers", many(40, server([9, 100], [40, 1300])), "worse"],
    ["the same shares as ever", many(40, server([3, 100], [40, 1300])), "as-usual"],
    ["a rise that few attempts show", many(10, server([2, 10], [40, 1300])), "too-few"],
    ["a rise on one server alone, which has a gate of its own", [server([400, 1000], [40, 1300])], "too-few"],
    [
      "a mailing of one server to a receiver that puts it off, beside many as ever",
      [server([4_000, 10_000], [40, 1300]), ...many(39, server([3, 100], [40, 1300]))],
      "as-usual",
    ],
    [
      "such a mailing, beside many with a small rise",
      [server([4_000, 10_000], [40, 1300]), ...many(39, server([9, 100], [40, 1300]))],
      "worse",
    ],
    ["a large rise on each of two", many(2, server([400, 1000], [40, 1300])), "worse"],
    [
      "a rise that is there and does not matter",
      many(40, server([400, 10_000], [4_000, 130_000])),
      "as-usual",
    ],
    ["servers that hardly sent before", many(40, server([9, 100], [0, 19])), "too-few"],
    [
      "busy servers that always put off much, changed first",
      [...many(5, server([300, 1000], [3_000, 10_000])), ...many(35, server([0, 10], [0, 100_000]))],
      "as-usual",
    ],
  ])("%s", (_what, servers, kind) => {
    expect(kindOf(servers)).toBe(kind);
  });

  it("is told with its numbers, and held against the rollout once a second look agrees", () => {
    const servers = many(40, server([9, 103], [39, 1_283]));
    const first = judge(servers);
    expect(verdictOfSums(first).kind).toBe("suspected");
    expect(verdictOfSums(judge(servers, first, at)).kind).toBe("suspected");
    expect(verdictOfSums(judge(servers, first, later))).toEqual({
      kind: "worse",
      sentence:
        "Deferred 8.7 % of 4,120 attempts since the change, 3.0 % of 51,320 before (40 servers together).",
    });
    const between = judge(many(40, server([3, 103], [39, 1_283])), first, at);
    expect(verdictOfSums(judge(servers, between, later)).kind).toBe("suspected");
  });

  it("is judged wave by wave too, so that a wave is not hidden by those before", () => {
    const servers = [
      ...many(200, server([3, 100], [40, 1300], 1)),
      ...many(10, server([12, 100], [40, 1300], 2)),
    ];
    const sums = judge(servers, judge(servers), later);
    expect(verdictOfSums(sums)).toMatchObject({
      kind: "worse",
      sentence: expect.stringContaining("(10 servers of wave 2 together)"),
    });
  });

  it("is not held against it again where a person went on from it, until it grows further", () => {
    const bad = many(40, server([9, 100], [40, 1300]));
    const forgiven = forgiveSums(judge(bad), {});
    const again = (servers: readonly SummedServer[]) =>
      verdictOfSums(judgeSums(servers, { before: null, forgiven, now: at })).kind;
    expect(again(bad)).toBe("well");
    expect(again(many(40, server([20, 100], [40, 1300])))).toBe("suspected");
  });

  const usual = fc.tuple(fc.nat(500), fc.integer({ min: 500, max: 5_000 }));
  const servers = fc.array(fc.record({ usual, sent: fc.nat(2_000), wave: fc.nat(2) }), { maxLength: 60 });

  it("is never worse where each server puts off the share that it always did", () => {
    fc.assert(
      fc.property(servers, (some) => {
        const steady = some.map(({ usual: [count, of], sent, wave }) =>
          server([Math.floor((sent * count) / of), sent], [count, of], wave),
        );
        expect(judge(steady).worseSince).toBeNull();
      }),
    );
  });

  it("is never worse for less that was put off", () => {
    fc.assert(
      fc.property(servers, fc.double({ min: 0, max: 1, noNaN: true }), (some, share) => {
        const of = (part: number) =>
          judge(
            some.map(({ usual, sent, wave }) => server([Math.floor(sent * share * part), sent], usual, wave)),
          ).worseSince;
        if (of(1) === null) expect(of(0.5)).toBeNull();
      }),
    );
  });
});
