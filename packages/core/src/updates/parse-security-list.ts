import { cveSchema } from "./inventory.ts";
import { packageNameSchema, packageVersionSchema } from "./package-version.ts";

/** How grave Debian's security team calls an issue, the least first. */
export const issueUrgencies = ["low", "medium", "high"] as const;
export type IssueUrgency = (typeof issueUrgencies)[number];

/** One CVE of one source package, as Debian's security tracker has it. */
export interface ListedIssue {
  readonly cve: string;
  /** Null where nobody has said yet. */
  readonly urgency: IssueUrgency | null;
  /** Whether it can be used over the network; null where that is not known. */
  readonly isRemote: boolean | null;
  /** Whether the release that the list is of has a version without it. */
  readonly isFixed: boolean;
  /** This version and every later one is without it; null where none is yet. */
  readonly fixedFrom: string | null;
  /** Exactly these, too, are without it: what releases brought to mend it, and what they brought since. */
  readonly fixedVersions: readonly string[];
}

/** The tracker's list for one release. */
export interface SecurityList {
  readonly issues: ReadonlyMap<string, readonly ListedIssue[]>;
  readonly issueCount: number;
}

export type ReadSecurityList =
  | { readonly kind: "read"; readonly list: SecurityList }
  | { readonly kind: "unreadable"; readonly sentence: string };

/** Far more than all that Debian has ever had. */
const linesMax = 3_000_000;
const lineLengthMax = 200_000;
const urgencyOf: Readonly<Record<string, IssueUrgency | null>> = {
  " ": null,
  L: "low",
  M: "medium",
  H: "high",
};
const remoteOf: Readonly<Record<string, boolean | null>> = { "?": null, R: true, " ": false };

/**
 * Reads what the program debsecan(1) reads: names of issues, then packages with flags, then a part that is not needed
 * here, each ended by an empty line. Refuses the whole where a line has another shape, since a list that is half read would say of
 * what is missing that it is well. Issues without a CVE, and those of a binary package alone, which Debian no longer
 * writes, are passed over.
 * @example
 * parseSecurityList("VERSION 1\nCVE-2026-1234,,what it is\n\nopenssl,0,SHRF,3.5.1-1,3.0.17-1~deb12u2\n\n")
 */
export function parseSecurityList(text: string): ReadSecurityList {
  const lines = readLines(text);
  if (lines.next().value !== "VERSION 1")
    return unreadable(1, "does not say VERSION 1, so this is another format or no list");
  const names: string[] = [];
  const issues = new Map<string, ListedIssue[]>();
  let issueCount = 0;
  let part: "names" | "packages" = "names";
  let number = 1;
  for (const line of lines) {
    number += 1;
    if (number > linesMax || line.length > lineLengthMax)
      return unreadable(number, "is more than a list has");
    if (line === "") {
      if (part === "packages") return { kind: "read", list: { issues, issueCount } };
      part = "packages";
    } else if (part === "names") {
      const name = /^([A-Z0-9-]{1,40}),[^,]*,/.exec(line)?.[1];
      if (name === undefined) return unreadable(number, "names no issue");
      names.push(name);
    } else {
      const read = readPackageLine(line, names);
      if (read === null) return unreadable(number, "is no package with its issue");
      if (read.issue === null) continue;
      const ofSource = issues.get(read.sourceName);
      if (ofSource === undefined) issues.set(read.sourceName, [read.issue]);
      else ofSource.push(read.issue);
      issueCount += 1;
    }
  }
  return unreadable(number, "is the last, in the middle of the list");
}

function unreadable(line: number, what: string): ReadSecurityList {
  return { kind: "unreadable", sentence: `Line ${line} of the list ${what}.` };
}

/** Line after line, so that a list of some megabytes does not lie in memory twice. */
function* readLines(text: string): Generator<string, undefined> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    yield text.slice(start, end === -1 ? text.length : end);
    if (end === -1) return;
    start = end + 1;
  }
}

/** Null where the line has another shape; without an issue where it has one that is passed over. */
function readPackageLine(
  line: string,
  names: readonly string[],
): { sourceName: string; issue: ListedIssue | null } | null {
  const [, sourceName = "", place = "", flags = "", fixedFrom = "", others = ""] =
    /^([^,]*),(\d{1,7}),([BS ][ LMH][?R ][F ]),([^, ]*),([^,]*)$/.exec(line) ?? [];
  const cve = names[Number(place)];
  const fixedVersions = others === "" ? [] : others.split(" ");
  const versions = fixedFrom === "" ? fixedVersions : [fixedFrom, ...fixedVersions];
  if (flags === "" || cve === undefined || !packageNameSchema.safeParse(sourceName).success) return null;
  if (versions.some((version) => !packageVersionSchema.safeParse(version).success)) return null;
  if (flags.startsWith("B") || !cveSchema.safeParse(cve).success) return { sourceName, issue: null };
  return {
    sourceName,
    issue: {
      cve,
      urgency: urgencyOf[flags.charAt(1)] ?? null,
      isRemote: remoteOf[flags.charAt(2)] ?? null,
      isFixed: flags.charAt(3) === "F",
      fixedFrom: fixedFrom === "" ? null : fixedFrom,
      fixedVersions,
    },
  };
}
