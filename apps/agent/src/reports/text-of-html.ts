const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  nbsp: " ",
  "#39": "'",
  "#64": "@",
};
const htmlCharsMax = 256 * 1024;
const unreadTags: readonly string[] = ["style", "script", "head"];
const blockTags: readonly string[] = [
  "br",
  "p",
  "div",
  "tr",
  "li",
  "h1",
  "h2",
  "h3",
  "h4",
  "table",
  "hr",
  "pre",
];

/** The words of a page, one line for each block. Good for looking for words in; not for showing. */
export function textOfHtml(html: string): string {
  const whole = html.slice(0, htmlCharsMax);
  const pieces: string[] = [];
  let at = 0;
  // Kept from turn to turn: looking for it anew at every "<" would take a page of them for ever.
  let close = whole.indexOf(">");
  while (at < whole.length) {
    const open = whole.indexOf("<", at);
    pieces.push(whole.slice(at, open === -1 ? undefined : open).replaceAll(/\s+/g, " "));
    if (open === -1) break;
    if (close !== -1 && close < open) close = whole.indexOf(">", open);
    const tag = /^<\/?([a-z][a-z0-9]{0,10}|!)/i.exec(whole.slice(open, open + 14))?.[1]?.toLowerCase();
    // Servers quote replies in their pages without escaping the address.
    const isAddress = /^<[^\s<>"'=]{1,128}@[^\s<>"'=]{1,255}>/.test(whole.slice(open, open + 400));
    if (close === -1 || tag === undefined || isAddress) {
      pieces.push("<");
      at = open + 1;
      continue;
    }
    if (blockTags.includes(tag)) pieces.push("\n");
    at = unreadTags.includes(tag) && whole[open + 1] !== "/" ? endOf(tag, { whole, from: close }) : close + 1;
  }
  return tidy(pieces.join(""));
}

/** Where an element ends whose text nobody reads; the end of the page where it is never closed. */
function endOf(tag: string, { whole, from }: { whole: string; from: number }): number {
  const closing = new RegExp(`</${tag}\\s{0,20}>`, "gi");
  closing.lastIndex = from;
  return closing.exec(whole) === null ? whole.length : closing.lastIndex;
}

function tidy(text: string): string {
  return text
    .replaceAll(
      /&(amp|lt|gt|quot|nbsp|#39|#64);/gi,
      (whole, name: string) => entities[name.toLowerCase()] ?? whole,
    )
    .split("\n")
    .map((line) => line.trim())
    .join("\n")
    .trim();
}
