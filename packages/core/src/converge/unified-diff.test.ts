import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskedDiff, unifiedDiff } from "./unified-diff.ts";

describe("a unified diff", () => {
  it("shows a changed line between its neighbours", () => {
    expect(unifiedDiff("/etc/f", "a\nb\nc\nd\ne\n", "a\nb\nC\nd\ne\n")).toBe(
      "--- /etc/f\n+++ /etc/f\n@@ -1,5 +1,5 @@\n a\n b\n-c\n+C\n d\n e\n",
    );
  });

  it("names a new and a vanished file as diff does", () => {
    expect(unifiedDiff("/etc/f", null, "a\n")).toBe("--- /dev/null\n+++ /etc/f\n@@ -0,0 +1,1 @@\n+a\n");
    expect(unifiedDiff("/etc/f", "a\n", null)).toBe("--- /etc/f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n");
  });

  it("says when only the last line's end changed", () => {
    expect(unifiedDiff("f", "a\n", "a")).toContain("\\ No newline at end of file");
  });

  it("keeps distant changes in hunks of their own", () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const changed = lines.with(2, "second").with(35, "late");
    const diff = unifiedDiff("f", `${lines.join("\n")}\n`, `${changed.join("\n")}\n`);
    expect(diff.match(/^@@/gm)).toHaveLength(2);
  });

  it("turns the old text into the new when it is applied, whatever they are", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "c", "d e", ""), { maxLength: 30 })
      .map((lines) => lines.map((line) => `${line}\n`).join(""));
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(applyDiff(before, unifiedDiff("f", before, after))).toBe(after);
      }),
    );
  });

  it("never shows the content of a file that holds a credential", () => {
    expect(maskedDiff("/etc/f", "secret\n", "other\n")).not.toMatch(/secret|other/);
  });
});

/** What patch(1) does with one file, for texts that end in a line feed. */
function applyDiff(before: string, diff: string): string {
  const source = before.split("\n").slice(0, -1);
  const result: string[] = [];
  let at = 0;
  for (const line of diff.split("\n").slice(2, -1)) {
    const hunk = /^@@ -(\d+),(\d+) /.exec(line);
    if (hunk) {
      const start = Number(hunk[1]) - (hunk[2] === "0" ? 0 : 1);
      result.push(...source.slice(at, start));
      at = start;
    } else if (line.startsWith("+")) result.push(line.slice(1));
    else {
      expect(source[at]).toBe(line.slice(1));
      if (line.startsWith(" ")) result.push(line.slice(1));
      at += 1;
    }
  }
  return [...result, ...source.slice(at)].map((line) => `${line}\n`).join("");
}
