import type { PlannedRecord, RecordVerdictKind } from "@mailstead/core/dns";
import { describe, expect, test } from "vitest";
import { type RecordWithVerdict, recordLevel, summariseRecords, worstLevel } from "./record-standing.ts";

const entry = (level: PlannedRecord["level"], kind: RecordVerdictKind | null): RecordWithVerdict => ({
  purpose: "mx",
  name: "alpha.example",
  type: "MX",
  value: "10 mail.alpha.example",
  level,
  reason: "",
  withoutIt: "",
  publishedAt: "domain-dns",
  verdict: kind === null ? null : { kind, sentence: "", answers: [] },
});

describe("recordLevel", () => {
  test.each([
    ["required", "missing", "trouble"],
    ["recommended", "missing", "attention"],
    ["optional", "different", "unknown"],
    ["required", "disagreeing", "attention"],
    ["required", "attention", "attention"],
    ["required", "unanswered", "unknown"],
    ["required", null, "unknown"],
    ["required", "ok", "good"],
  ] as const)("a %s record that is %s is shown as %s", (level, kind, shown) => {
    expect(recordLevel(entry(level, kind))).toBe(shown);
  });
});

test("the worst of several records is what a group of them is shown as", () => {
  expect(worstLevel([])).toBe("good");
  expect(worstLevel([entry("required", "ok"), entry("optional", "missing")])).toBe("unknown");
  expect(worstLevel([entry("recommended", "missing"), entry("required", "missing")])).toBe("trouble");
});

describe("summariseRecords", () => {
  const fresh = { isOutdated: false };
  test("what was right too long ago is not called right", () => {
    expect(summariseRecords([entry("required", "ok")], { isOutdated: true })).toEqual({ kind: "outdated" });
    expect(summariseRecords([entry("required", null)], { isOutdated: true })).toEqual({ kind: "unchecked" });
  });

  test("a required record that is wrong is what is said first", () => {
    expect(summariseRecords([entry("required", "missing"), entry("recommended", "missing")], fresh)).toEqual({
      kind: "to-fix",
      count: 1,
    });
  });
  test("nothing is said of what was never checked", () => {
    expect(summariseRecords([entry("required", null)], fresh)).toEqual({ kind: "unchecked" });
    expect(summariseRecords([], fresh)).toEqual({ kind: "unchecked" });
  });
  test("recommended records are named apart", () => {
    expect(summariseRecords([entry("required", "ok"), entry("recommended", "different")], fresh)).toEqual({
      kind: "optional",
      count: 1,
    });
  });
  test("an optional record that is not there leaves everything needed right", () => {
    expect(summariseRecords([entry("required", "ok"), entry("optional", "missing")], fresh)).toEqual({
      kind: "rest-optional",
      count: 1,
    });
    expect(summariseRecords([entry("required", "ok"), entry("optional", "ok")], fresh)).toEqual({
      kind: "all-right",
    });
  });
  test("what serves and should be known is said when nothing is wrong", () => {
    expect(summariseRecords([entry("required", "ok"), entry("required", "attention")], fresh)).toEqual({
      kind: "attention",
      count: 1,
    });
  });
  test("servers that stay silent say nothing against a record", () => {
    expect(summariseRecords([entry("required", "ok"), entry("required", "unanswered")], fresh)).toEqual({
      kind: "unanswered",
      count: 1,
    });
  });
});
