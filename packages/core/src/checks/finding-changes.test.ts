import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findingKey, planFindingChanges, type SeenFinding } from "./finding-changes.ts";

const finding = (key: string, sentence = "words"): SeenFinding => ({ key, severity: "warning", sentence });
const sees = { unseen: () => false };

describe("what changed between two checks", () => {
  test("is opened when it is new, closed when it is gone, and changed when its words are others", () => {
    expect(
      planFindingChanges([finding("a"), finding("b"), finding("c", "expires in 12 days")], {
        found: [finding("b"), finding("c", "expires in 11 days"), finding("d")],
        ...sees,
      }),
    ).toEqual({ open: [finding("d")], change: [finding("c", "expires in 11 days")], close: ["a"] });
  });

  test("is nothing where the check could not look", () => {
    const plan = planFindingChanges([finding("a")], { found: [finding("b")], unseen: () => true });
    expect(plan).toEqual({ open: [], change: [], close: [] });
  });

  test("does not hang on letters or on numbers in the words", () => {
    expect(findingKey({ kind: "lame", about: "A.example" })).toBe(
      findingKey({ kind: "lame", about: "a.example" }),
    );
  });

  const findings = fc.uniqueArray(
    fc.record({
      key: fc.constantFrom("a", "b", "c", "d", "e"),
      severity: fc.constantFrom("error", "warning", "instruction"),
      sentence: fc.constantFrom("one", "two"),
    }),
    { selector: ({ key }) => key },
  );

  test("applied to what was open, gives what was found, and a second look changes nothing", () => {
    fc.assert(
      fc.property(findings, findings, (before, found) => {
        const plan = planFindingChanges(before, { found, ...sees });
        const after = [
          ...before
            .filter(({ key }) => !plan.close.includes(key))
            .map((one) => plan.change.find(({ key }) => key === one.key) ?? one),
          ...plan.open,
        ];
        const sorted = (list: readonly SeenFinding[]) => [...list].sort((a, b) => (a.key < b.key ? -1 : 1));
        expect(sorted(after)).toEqual(sorted(found));
        expect(planFindingChanges(after, { found, ...sees })).toEqual({ open: [], change: [], close: [] });
      }),
    );
  });
});
