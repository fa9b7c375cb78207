import type { Suite } from "../servers/index.ts";
import { compareVersions } from "./compare-versions.ts";
import type { IssueUrgency, ListedIssue, SecurityList } from "./parse-security-list.ts";

/** One source package in one version, as a host has it. */
export interface SourceVersion {
  readonly sourceName: string;
  readonly sourceVersion: string;
}

/** A CVE to which a version is open. */
export interface OpenIssue {
  readonly cve: string;
  readonly urgency: IssueUrgency | null;
  readonly isRemote: boolean | null;
  /** Whether the release has a version without it. */
  readonly isFixed: boolean;
  /** The first version of the release that is without it; null where there is none, or none is named. */
  readonly fixedVersion: string | null;
}

/**
 * The CVEs of a list to which this version is open, by the rule of debsecan(1): what is older than the version that mended
 * it, and is none of those that releases mended by themselves.
 */
export function judgeOpenIssues(list: SecurityList, source: SourceVersion, suite: Suite): OpenIssue[] {
  const { sourceName, sourceVersion } = trackedSource(source);
  return (list.issues.get(sourceName) ?? [])
    .filter((issue) => isOpen(issue, sourceVersion))
    .map((issue) => ({
      cve: issue.cve,
      urgency: issue.urgency,
      isRemote: issue.isRemote,
      isFixed: issue.isFixed,
      fixedVersion: issue.isFixed ? fixedVersionIn(issue, { sourceVersion, suite }) : null,
    }));
}

/** Kernels come signed, out of a source that the tracker does not know, with another mark in the same version. */
function trackedSource({ sourceName, sourceVersion }: SourceVersion): SourceVersion {
  return /^linux-signed-(?:amd64|arm64|i386)$/.test(sourceName)
    ? { sourceName: "linux", sourceVersion: sourceVersion.replace(/\+(\d+)$/, "-$1") }
    : { sourceName, sourceVersion };
}

function isOpen({ fixedFrom, fixedVersions }: ListedIssue, version: string): boolean {
  if (fixedFrom !== null && compareVersions(version, fixedFrom) >= 0) return false;
  return !fixedVersions.some((fixed) => compareVersions(version, fixed) === 0);
}

const releaseOf = { bookworm: "12", trixie: "13" } as const satisfies Record<Suite, string>;

/** Versions say mostly of which release they are; those of another one do not count. */
function fixedVersionIn(
  { fixedVersions }: ListedIssue,
  { sourceVersion, suite }: { sourceVersion: string; suite: Suite },
): string | null {
  const newer = fixedVersions
    .filter((version) => compareVersions(version, sourceVersion) > 0)
    .sort(compareVersions);
  const releaseIn = (version: string) => /[~+]deb(\d+)(?:u|$)/.exec(version)?.[1];
  const own = newer.find((version) => releaseIn(version) === releaseOf[suite]);
  return own ?? newer.find((version) => releaseIn(version) === undefined) ?? null;
}
