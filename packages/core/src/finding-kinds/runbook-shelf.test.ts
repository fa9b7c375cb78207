import { expect, test } from "vitest";
import { anchorsOf, isShownRunbook, runbookParts, runbookPath, shownRunbook } from "./runbook-shelf.ts";

test("a heading is led to by its words and by every name in it", () => {
  expect(anchorsOf("A sender rule is not kept")).toEqual(["a-sender-rule-is-not-kept"]);
  expect(anchorsOf("rate-limit")).toEqual(["rate-limit"]);
  expect(anchorsOf("Zone: `lame`, `silent`")).toEqual(["zone-lame-silent", "lame", "silent"]);
});

test("parts begin at their headings and end before the next", () => {
  const parts = runbookParts("# Title\n\nlead\n\n## One\n\ntext\nmore\n\n### `two`\n\nlast\n");
  expect(parts.map(({ heading, text }) => [heading, text])).toEqual([
    ["One", "text\nmore"],
    ["`two`", "last"],
  ]);
});

test("what is for those who run the installation is not shown", () => {
  expect(shownRunbook("# T\n\nfor all\n\n## For who runs Mailstead\n\n`select 1`\n")).toBe(
    "# T\n\nfor all\n\n",
  );
  expect(shownRunbook("# T\n")).toBe("# T\n");
  expect(isShownRunbook("gmail")).toBe(true);
  expect(isShownRunbook("database")).toBe(false);
  expect(isShownRunbook("../gmail")).toBe(false);
});

test("a part of a runbook has an address in the dashboard", () => {
  expect(runbookPath("gmail.md#rate-limit")).toBe("/runbooks/gmail#rate-limit");
  expect(runbookPath("gmail.md")).toBe("/runbooks/gmail");
});
