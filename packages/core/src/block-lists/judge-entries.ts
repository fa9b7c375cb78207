import {
  type BlockList,
  blockListNames,
  judgeListings,
  readListing,
  spamhausLists,
} from "../checks/index.ts";
import type { CheckFinding } from "../dns/index.ts";
import type { ListEntry } from "./list-entry.ts";
import { removalSteps } from "./removal-steps.ts";

/** How the keys of these findings begin. */
export const seenBlockListPrefix = "block-list-seen-";

export type SeenBlockListKind = "block-list-seen-address" | "block-list-seen-domain";

export interface HostEntry extends ListEntry {
  readonly list: BlockList;
  readonly subject: string;
}

/** The list of this name; null when this version knows none. */
export function knownList(name: string): BlockList | null {
  return blockListNames.find((known) => known === name) ?? null;
}

/** Findings of what lists say of a host by its own resolver. What could not be asked of late keeps what was known before. */
export function judgeEntries(entries: readonly HostEntry[]): CheckFinding<SeenBlockListKind>[] {
  const listed = entries.filter(({ state }) => state === "listed");
  const found = judgeListings(
    listed.map(({ list, subject, codes }) => ({
      list,
      subject,
      listing: readListing(list, { kind: "found", values: codes }),
    })),
  );
  return found.flatMap((finding): CheckFinding<SeenBlockListKind>[] => {
    const entry = listed.find(({ list, subject }) => finding.about === `${subject} ${list}`);
    if (entry === undefined) return [];
    const { list, subject, codes, text, since, problem } = entry;
    return [
      {
        ...finding,
        kind: finding.kind === "domain-block-listed" ? "block-list-seen-domain" : "block-list-seen-address",
        evidence: [
          ...finding.evidence,
          ...(text === null ? [] : [`The list says: ${text}`]),
          `Seen since ${new Date(since).toISOString()}`,
          ...(problem === null ? [] : [`It could not be asked again: ${problem}`]),
        ],
        fix: removalSteps(list, { subject, codes }).join(" "),
      },
    ];
  });
}

/** Whether the lists that most receivers go by are left out, because nobody has said how they may be asked. */
export function isWithoutSpamhaus(entries: readonly Pick<HostEntry, "list">[]): boolean {
  return !entries.some(({ list }) => (spamhausLists as readonly BlockList[]).includes(list));
}
