import {
  abusixZone,
  type BlockList,
  blockListNames,
  familyProofs,
  listsSubject,
  rulesOf,
  spamhausLists,
  spamhausZone,
  subjectsOfAddress,
} from "../checks/index.ts";

export type ListFamily = "ipv4" | "ipv6" | "domains";

/** How Spamhaus may be asked: not at all, by its public mirrors, or with a key. */
export type SpamhausAccess = { kind: "none" } | { kind: "public" } | { kind: "key"; key: string };

/** What one list is asked in a round about one family of subjects, once it has passed its own test there. */
export interface ListQuestions {
  readonly list: BlockList;
  /** May hold a key, and so stands in no log and in nothing that is told. */
  readonly zone: string;
  /** What of the zone nobody else may know; null for a public one. */
  readonly secret: string | null;
  readonly family: ListFamily;
  /** What the list must and must not have (RFC 5782 §5). */
  readonly proofs: { readonly listed: string; readonly clear: readonly string[] };
  readonly subjects: readonly string[];
}

/** What a host asks about itself: each address that it sends from, with its network under IPv6, and each name that it sends as. */
export function planQuestions(host: {
  addresses: readonly string[];
  names: readonly string[];
  spamhaus: SpamhausAccess;
  /** The key of Abusix; null or left out where there is none. */
  abusix?: string | null;
}): ListQuestions[] {
  const subjects = [...new Set([...host.addresses.flatMap(subjectsOfAddress), ...host.names])];
  return blockListNames.flatMap((list) => {
    const place = placeOf(list, host);
    if (place === null) return [];
    const byFamily = Map.groupBy(
      subjects.filter((subject) => listsSubject(list, subject)),
      familyOf,
    );
    return [...byFamily].map(([family, own]) => ({
      list,
      ...place,
      family,
      proofs: familyProofs(list, family),
      subjects: own,
    }));
  });
}

/** Null for a list that answers nobody without a key that is not there. */
function placeOf(
  list: BlockList,
  { spamhaus, abusix = null }: { spamhaus: SpamhausAccess; abusix?: string | null },
): Pick<ListQuestions, "zone" | "secret"> | null {
  if (list === "abusix") return abusix === null ? null : { zone: abusixZone(abusix), secret: abusix };
  const ofSpamhaus = spamhausLists.find((one) => one === list);
  if (ofSpamhaus !== undefined) {
    if (spamhaus.kind === "none") return null;
    if (spamhaus.kind === "public") return { zone: spamhausZone(ofSpamhaus, "public"), secret: null };
    return { zone: spamhausZone(ofSpamhaus, { key: spamhaus.key }), secret: spamhaus.key };
  }
  const { zone } = rulesOf(list);
  return zone === null ? null : { zone, secret: null };
}

function familyOf(subject: string): ListFamily {
  if (subject.includes(":")) return "ipv6";
  return /^[\d.]+$/.test(subject) ? "ipv4" : "domains";
}
