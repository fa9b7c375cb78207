/**
 * The runbooks that people of a customer read in the dashboard, in the order of its list. The others tell those who run or
 * develop Mailstead what to do (decision 0069).
 */
export const runbookShelf = {
  receivers: ["receivers", "gmail", "outlook", "yahoo", "measures", "reputation"],
  senders: ["stolen-accounts", "block-lists", "verdicts", "reports", "feeds", "where-is-my-mail"],
  domains: ["dns-checks", "dkim-rotation", "dns-providers", "zone-hosting", "domain-servers"],
  servers: ["certificates", "deferred-by-tls", "host-web", "agent", "agent-update", "rollouts"],
  alerts: ["webhooks"],
} as const;

export type RunbookShelf = keyof typeof runbookShelf;
export type RunbookPage = (typeof runbookShelf)[RunbookShelf][number];

/** Whether the dashboard shows a page, by its name without `.md`. */
export function isShownRunbook(page: string): page is RunbookPage {
  return Object.values(runbookShelf).some((pages) => (pages as readonly string[]).includes(page));
}

/** From this heading on a page speaks to those who run the installation, and the dashboard leaves it out. */
const operatorsHeading = "\n## For who runs Mailstead\n";

/** What of a page the dashboard shows. */
export function shownRunbook(text: string): string {
  const end = text.indexOf(operatorsHeading);
  return end === -1 ? text : text.slice(0, end + 1);
}

/** The address of a part of a runbook in the dashboard, of `gmail.md#rate-limit`. */
export function runbookPath(runbook: string): string {
  const [file = "", part] = runbook.split("#");
  return `/runbooks/${file.replace(/\.md$/, "")}${part === undefined ? "" : `#${part}`}`;
}

/** The names by which links lead to a heading: its words, and each name that stands in it as code. */
export function anchorsOf(heading: string): readonly string[] {
  const named = [...heading.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
  const slug = heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
  return [...new Set([slug, ...named])];
}

export interface RunbookPart {
  readonly heading: string;
  readonly anchors: readonly string[];
  readonly text: string;
}

/** The parts of a page that its headings of the second and third level begin, up to the next one. */
export function runbookParts(text: string): readonly RunbookPart[] {
  return text
    .split(/\n(?=#{2,3} )/)
    .slice(1)
    .map((part) => {
      const [first = "", ...lines] = part.split("\n");
      const heading = first.replace(/^#+ /, "");
      return { heading, anchors: anchorsOf(heading), text: lines.join("\n").trim() };
    });
}
