import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runbookParts, runbookShelf, shownRunbook } from "@mailstead/core/finding-kinds";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { WordsProvider } from "../../components/words-provider.tsx";
import { contentsOf, Markdown } from "./markdown.tsx";
import { runbookLink } from "./runbook-link.ts";

const render = (text: string) =>
  renderToStaticMarkup(
    <WordsProvider locale="en">
      <Markdown text={text} />
    </WordsProvider>,
  );

test.each(Object.values(runbookShelf).flat())(
  "every part of %s is led to, and nothing of it is lost",
  (page) => {
    const file = join(import.meta.dirname, "../../../../../docs/runbooks", `${page}.md`);
    const text = shownRunbook(readFileSync(file, "utf8"));
    const html = render(text);
    for (const { anchors } of runbookParts(text))
      for (const anchor of anchors) expect(html).toContain(`id="${anchor}"`);
    expect(html).not.toMatch(/\*\*|\]\(/);
    for (const { anchor } of contentsOf(text)) expect(html).toContain(`id="${anchor}"`);
  },
);

test.each(Object.values(runbookShelf).flat())(
  "%s leads nowhere that its readers cannot go, and names nothing of our source or of the worker's environment",
  (page) => {
    const file = join(import.meta.dirname, "../../../../../docs/runbooks", `${page}.md`);
    const text = shownRunbook(readFileSync(file, "utf8"));
    for (const [, href = ""] of text.matchAll(/\]\(([^)\s]+)\)/g))
      expect(runbookLink(href), href).not.toBeNull();
    expect(text).not.toMatch(/\b(packages|apps|infra|e2e)\/|\.tsx?\b/);
    expect(text).not.toMatch(/\b[A-Z]+_(URL|NETWORKS|FROM|KEY|FILE)\b|\bDNS_RESOLVER\b/);
  },
);

test("the contents name each part as its heading does, without the names that findings lead by", () => {
  expect(contentsOf("lead\n\n## One: `a`, `b`\n\n### no\n\n## `two`\n")).toEqual([
    { anchor: "one-a-b", heading: "One" },
    { anchor: "two", heading: "two" },
  ]);
});

test("what a text holds of HTML is shown and never taken for markup, and links lead only where they may", () => {
  const html = render(
    "<script>alert(1)</script>\n\na <img src=x onerror=alert(1)> [b](javascript:alert(1)) `<i>`",
  );
  expect(html).not.toMatch(/<script|<img|<i>|href/);
  expect(html).toContain("&lt;script&gt;");
});
