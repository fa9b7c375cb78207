import type { FindingSeverity } from "../dns/index.ts";

/** A finding that came or went, of a domain, a server or a hosted zone. */
export interface ChangedFinding {
  /** The domain, the server or the zone, as people write it; empty for many servers at once. */
  subject: string;
  tenantName: string;
  severity: FindingSeverity;
  sentence: string;
}

export interface FindingsChanged {
  opened: readonly ChangedFinding[];
  closed: readonly ChangedFinding[];
}

export interface Digest {
  subject: string;
  body: string;
}

/** When of the day changes are told, in UTC: before people in Europe begin to work. */
export const digestHourUtc = 5;
const dayMs = 86_400_000;

/** The last moment at or before `now` when a digest was due. */
export function lastDigestTime(now: Date): Date {
  const today = new Date(now);
  today.setUTCHours(digestHourUtc, 0, 0, 0);
  return today <= now ? today : new Date(today.getTime() - dayMs);
}

const rank: Record<FindingSeverity, number> = { error: 0, warning: 1, instruction: 2 };
const words: Record<FindingSeverity, string> = { error: "Error", warning: "Warning", instruction: "Advice" };
// A mail of thousands of lines is read by nobody; the page has them all.
const linesMax = 100;
const subjectsMax = 3;

/**
 * The mail that tells what changed, in plain text, or null when nothing did. What many domains share, such as a zone
 * of one host, is one line.
 */
export function writeDigest(
  { opened, closed }: FindingsChanged,
  { homeUrl }: { homeUrl: string },
): Digest | null {
  const [came, went] = [linesOf(opened), linesOf(closed)];
  if (came.length === 0 && went.length === 0) return null;
  const counts = [
    ...(came.length > 0 ? [`${came.length} new`] : []),
    ...(went.length > 0 ? [`${went.length} settled`] : []),
  ];
  const body = [
    ...section("New or worse since the last mail:", came),
    ...section("Settled since the last mail:", went),
    `What is open now: ${homeUrl}`,
    "",
    "You get this mail because you look after these domains and servers. It comes at most once a day, and only when",
    `something has changed. To get it no more: ${homeUrl}/settings`,
    "",
  ];
  return { subject: `Checks of your domains and servers: ${counts.join(", ")}`, body: body.join("\n") };
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const rest = lines.length - linesMax;
  return [title, "", ...lines.slice(0, linesMax), ...(rest > 0 ? [`- and ${rest} more`] : []), ""];
}

function linesOf(findings: readonly ChangedFinding[]): string[] {
  const groups = Map.groupBy(
    [...findings].sort((one, other) => rank[one.severity] - rank[other.severity]),
    ({ severity, sentence }) => `${severity} ${sentence}`,
  );
  return [...groups.values()].map((group) => {
    const [first] = group;
    const names = [
      ...new Set(
        group.map(({ subject, tenantName }) =>
          subject === "" ? "all customers" : `${subject} (${tenantName})`,
        ),
      ),
    ].sort();
    const shown = names.slice(0, subjectsMax).join(", ");
    const rest = names.length > subjectsMax ? ` and ${names.length - subjectsMax} more` : "";
    return first === undefined ? "" : `- ${words[first.severity]}: ${first.sentence} [${shown}${rest}]`;
  });
}
