import { expect, test } from "vitest";
import { delegationStanding, unseenByReason } from "./delegation-standing.ts";

const facts = { zone: "dkim.msp.example", isDelegated: true, isInUse: false, aliases: [{ isSeen: true }] };

test.each([
  [
    "nothing is offered without a zone",
    { zone: null, isDelegated: false, aliases: [] },
    "no-zone",
    "unknown",
  ],
  ["keys stand in the domain's own zone", { isDelegated: false, aliases: [] }, "own", "unknown"],
  ["an alias is not seen yet", { aliases: [{ isSeen: true }, { isSeen: false }] }, "unseen", "attention"],
  [
    "an alias of a key that signs is gone",
    { isInUse: true, aliases: [{ isSeen: false }] },
    "unseen",
    "trouble",
  ],
  ["all aliases are seen", {}, "ready", "good"],
  ["keys stand behind them", { isInUse: true }, "working", "good"],
  ["the last keys behind them end", { isDelegated: false, isInUse: true }, "ending", "unknown"],
] as const)("%s", (_, changes, kind, level) => {
  expect(delegationStanding({ ...facts, ...changes })).toMatchObject({ kind, level });
});

test("what is wrong with all aliases alike is said once", () => {
  const missing = (name: string, sentence: string | null = "Not there.") => ({
    name,
    isSeen: false,
    sentence,
  });
  const aliases = [
    missing("ms1"),
    { ...missing("ms1e"), isSeen: true },
    missing("ms2"),
    missing("ms2e", "It leads elsewhere."),
    missing("ms3", null),
  ];
  expect(unseenByReason(aliases)).toEqual([
    { sentence: "Not there.", names: ["ms1", "ms2"] },
    { sentence: "It leads elsewhere.", names: ["ms2e"] },
  ]);
});
