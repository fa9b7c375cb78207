import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runbookParts, runbookShelf, shownRunbook } from "@mailstead/core/finding-kinds";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { WordsProvider } from "../../components/words-provider.tsx";
import { Markdown } from "./markdown.tsx";

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
  },
);

test("what a text holds of HTML is shown and never taken for markup, and links lead only where they may", () => {
  const html = render(
    "<script>alert(1)</script>\n\na <img src=x onerror=alert(1)> [b](javascript:alert(1)) `<i>`",
  );
  expect(html).not.toMatch(/<script|<img|<i>|href/);
  expect(html).toContain("&lt;script&gt;");
});
