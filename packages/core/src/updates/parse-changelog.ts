import { compareVersions } from "./compare-versions.ts";

/** How urgent the makers of a package called a change (Debian Policy §5.6.17), the least first. */
export const changeUrgencies = ["low", "medium", "high", "emergency", "critical"] as const;
export type ChangeUrgency = (typeof changeUrgencies)[number];

/** What a Debian changelog says of all that is newer than one version. */
export interface ChangesSince {
  /** Of the entries that are newer, the newest first. */
  readonly versions: readonly string[];
  /** The highest of them; null where none says any. */
  readonly urgency: ChangeUrgency | null;
  readonly cves: readonly string[];
}

const header = /^[a-z0-9][a-z0-9+.-]* \(([^()\s]+)\) [^;]+;(.*)$/i;

/**
 * Reads a changelog (Debian Policy §4.4) down to the entry of `version`, or to its end. What stands before the first
 * entry is passed over.
 */
export function parseChangelog(text: string, version: string): ChangesSince {
  const versions: string[] = [];
  const cves = new Set<string>();
  let urgency: ChangeUrgency | null = null;
  for (const line of text.split("\n")) {
    const [, entryVersion, fields = ""] = header.exec(line) ?? [];
    if (entryVersion !== undefined) {
      if (compareVersions(entryVersion, version) <= 0) break;
      versions.push(entryVersion);
      urgency = higherUrgency(urgency, urgencyOf(fields));
    } else if (versions.length > 0)
      for (const [cve] of line.matchAll(/\bCVE-\d{4}-\d{4,10}\b/gi)) cves.add(cve.toUpperCase());
  }
  return { versions, urgency, cves: [...cves].sort(compareVersions) };
}

/** The more urgent of two; null is less than any. */
export function higherUrgency(left: ChangeUrgency | null, right: ChangeUrgency | null): ChangeUrgency | null {
  const weightOf = (urgency: ChangeUrgency | null) =>
    urgency === null ? -1 : changeUrgencies.indexOf(urgency);
  return weightOf(left) >= weightOf(right) ? left : right;
}

function urgencyOf(fields: string): ChangeUrgency | null {
  const told = /\burgency=([a-z]+)/i.exec(fields)?.[1]?.toLowerCase();
  return changeUrgencies.find((urgency) => urgency === told) ?? null;
}
