import { describe, expect, test } from "vitest";
import { parseUnifiedDiff } from "./unified-diff.ts";

describe("parseUnifiedDiff", () => {
  test("numbers both sides and leaves the file header out", () => {
    const lines = parseUnifiedDiff("--- a/etc/x\n+++ b/etc/x\n@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n");
    expect(lines.map((line) => [line.kind, line.oldNumber, line.newNumber, line.text])).toEqual([
      ["context", 1, 1, "one"],
      ["removed", 2, null, "two"],
      ["added", null, 2, "zwei"],
      ["context", 3, 3, "three"],
    ]);
  });

  test("a removed line that itself begins with two hyphens is not taken for a header", () => {
    const lines = parseUnifiedDiff("@@ -1 +0,0 @@\n---- old banner");
    expect(lines).toEqual([
      { position: 0, kind: "removed", text: "--- old banner", oldNumber: 1, newNumber: null },
    ]);
  });

  test("what lies between two hunks shows as a gap", () => {
    const lines = parseUnifiedDiff("@@ -1 +1 @@\n-a\n+b\n@@ -40 +40 @@ section\n-c\n+d");
    expect(lines.map((line) => line.kind)).toEqual(["removed", "added", "gap", "removed", "added"]);
    expect(lines[3]?.oldNumber).toBe(40);
  });
});
