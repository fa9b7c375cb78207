import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isShownRunbook, shownRunbook } from "@mailstead/core/finding-kinds";
import { cache } from "react";

export interface Runbook {
  readonly title: string;
  /** Markdown, without the title. */
  readonly text: string;
}

/** A page as it stands under docs/runbooks; null for one that is not shown to customers. Only names from the shelf are read. */
export const readRunbook = cache(async (page: string): Promise<Runbook | null> => {
  if (!isShownRunbook(page)) return null;
  // Next serves from apps/web, here and in the standalone build, which carries these files with it.
  const file = join(process.cwd(), "../../docs/runbooks", `${page}.md`);
  const [, title = page, text = ""] =
    /^# ([^\n]+)\n([\s\S]*)$/.exec(shownRunbook(await readFile(file, "utf8"))) ?? [];
  return { title, text };
});
