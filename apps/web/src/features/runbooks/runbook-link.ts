import { isShownRunbook, runbookPath } from "@mailstead/core/finding-kinds";

/** Where a link of a runbook leads: another page that is shown, a part of this one, or the web; null where to nothing for its reader. */
export function runbookLink(href: string): { href: string; isOutside: boolean } | null {
  if (href.startsWith("#")) return { href, isOutside: false };
  if (/^https:\/\//.test(href)) return { href, isOutside: true };
  const page = /^([a-z-]+)\.md(?:#[\w-]+)?$/.exec(href)?.[1];
  return page !== undefined && isShownRunbook(page) ? { href: runbookPath(href), isOutside: false } : null;
}
