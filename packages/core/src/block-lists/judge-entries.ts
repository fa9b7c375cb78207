import {
  type BlockList,
  blockListNames,
  judgeListings,
  readListing,
  rulesOf,
  spamhausLists,
} from "../checks/index.ts";
import type { CheckFinding } from "../dns/index.ts";
import { momentMark } from "../text/index.ts";
import { type ListEntry, listingAge } from "./list-entry.ts";
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

/**
 * Findings of what lists say of a host by its own resolver. What could not be asked of late keeps what was known before: as
 * it was for two days, then as something old that weighs less, and after two weeks it is told no more.
 */
export function judgeEntries(entries: readonly HostEntry[], now: number): CheckFinding<SeenBlockListKind>[] {
  const listed = entries.filter(
    (entry) => entry.state === "listed" && listingAge(entry, now) !== "forgotten",
  );
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
    const isOld = listingAge(entry, now) === "old";
    const confirmedAt = entry.seenAt ?? since;
    return [
      {
        ...finding,
        ...(isOld ? oldWords(finding, entry) : {}),
        kind: finding.kind === "domain-block-listed" ? "block-list-seen-domain" : "block-list-seen-address",
        evidence: [
          ...finding.evidence,
          ...(text === null ? [] : [`the list says: ${text}`]),
          `listed since ${momentMark(since)}`,
          ...(isOld || problem !== null ? [`last confirmed ${momentMark(confirmedAt)}`] : []),
          ...(problem === null ? [] : [`it could not be asked again: ${problem}`]),
        ],
        fix: removalSteps(list, { subject, codes }).join(" "),
      },
    ];
  });
}

/** By these words a finding of an old listing is known from one of a listing that was confirmed of late. */
export const oldListingWords = "when the server could last ask it";

function oldWords(
  { severity }: Pick<CheckFinding, "severity">,
  { subject, list }: HostEntry,
): Pick<CheckFinding, "severity" | "sentence" | "why"> {
  const { title } = rulesOf(list);
  return {
    severity: severity === "error" ? "warning" : severity,
    sentence: `${subject} was on the block list ${title} ${oldListingWords}, more than two days ago.`,
    why: "Whether it still is nobody knows: the list no longer answers this server, or the server is away.",
  };
}

/** Whether the lists that most receivers go by are left out, because nobody has said how they may be asked. */
export function isWithoutSpamhaus(entries: readonly Pick<HostEntry, "list">[]): boolean {
  return !entries.some(({ list }) => (spamhausLists as readonly BlockList[]).includes(list));
}
