import { type CheckFinding, type DnsLookupAnswer, reverseName } from "../dns/index.ts";

export type BlockListFindingKind = "block-listed" | "domain-block-listed" | "block-list-silent";
type Finding = CheckFinding<BlockListFindingKind>;

export type BlockList = "zen" | "dbl";

/** What a list says of an address or a domain. Unknown is never listed: it says something of who asked. */
export type Listing =
  | { kind: "clear" }
  | { kind: "listed"; codes: readonly string[]; names: readonly string[] }
  | { kind: "unknown"; problem: string };

export interface ListedSubject {
  list: BlockList;
  /** The address or the domain. */
  subject: string;
  listing: Listing;
}

const names: Record<BlockList, Readonly<Record<string, string>>> = {
  zen: {
    "127.0.0.2": "SBL, spam sources",
    "127.0.0.3": "CSS, senders of bulk",
    "127.0.0.4": "XBL, hacked computers",
    "127.0.0.5": "XBL, hacked computers",
    "127.0.0.6": "XBL, hacked computers",
    "127.0.0.7": "XBL, hacked computers",
    "127.0.0.9": "DROP, hijacked networks",
    "127.0.0.10": "PBL, addresses that must not send, by their provider",
    "127.0.0.11": "PBL, addresses that must not send",
  },
  dbl: {
    "127.0.1.2": "low reputation",
    "127.0.1.4": "phishing",
    "127.0.1.5": "malware",
    "127.0.1.6": "command of a botnet",
    "127.0.1.102": "hacked, spam",
    "127.0.1.103": "hacked, redirector",
    "127.0.1.104": "hacked, phishing",
    "127.0.1.105": "hacked, malware",
    "127.0.1.106": "hacked, command of a botnet",
  },
};

/** What these answers mean is told by the list's owner: none of them is a listing. */
const refusals: Readonly<Record<string, string>> = {
  "127.0.1.255": "the list takes no addresses",
  "127.255.255.252": "the name of the list is misspelt",
  "127.255.255.254": "the list does not answer public or unnamed resolvers",
  "127.255.255.255": "too many questions came from this resolver",
};

/** Reads what a list answered (RFC 5782 §2.1). No address in 127/8 is an answer of the list. */
export function readListing(list: BlockList, answer: DnsLookupAnswer): Listing {
  if (answer.kind === "none") return { kind: "clear" };
  if (answer.kind === "failed") return { kind: "unknown", problem: answer.problem };
  const refusal = answer.values.find((code) => code in refusals || code.startsWith("127.255.255."));
  if (refusal !== undefined)
    return { kind: "unknown", problem: `${refusal}: ${refusals[refusal] ?? "the list refuses to answer"}` };
  const strange = answer.values.find((code) => !code.startsWith("127."));
  if (strange !== undefined)
    return { kind: "unknown", problem: `${strange} is no answer of a list, so somebody else answers for it` };
  const known = answer.values.filter((code) => names[list][code] !== undefined);
  if (known.length === 0)
    return { kind: "unknown", problem: `${answer.values.join(", ")} is an answer that is not known here` };
  return {
    kind: "listed",
    codes: known,
    names: [...new Set(known.map((code) => names[list][code] ?? code))],
  };
}

/** The name under which a list is asked for an address or a domain, in the zone that answers for the list. */
export function listedName(subject: string, zone: string): string {
  const isAddress = subject.includes(":") || /^[\d.]+$/.test(subject);
  return `${isAddress ? reverseName(subject).replace(/\.(in-addr|ip6)\.arpa$/, "") : subject}.${zone}`;
}

/** What a list must and must not have, by which is seen that somebody answers for it (RFC 5782 §5). */
export const listProofs: Record<BlockList, { listed: string; clear: string }> = {
  zen: { listed: "127.0.0.2", clear: "127.0.0.1" },
  dbl: { listed: "test", clear: "invalid" },
};

const listNames: Record<BlockList, string> = { zen: "Spamhaus ZEN", dbl: "Spamhaus DBL" };

/** Judges what lists say of the addresses that send and of the domain. */
export function judgeListings(subjects: readonly ListedSubject[]): Finding[] {
  const listed = subjects.flatMap(({ list, subject, listing }): Finding[] =>
    listing.kind !== "listed"
      ? []
      : [
          {
            kind: list === "zen" ? "block-listed" : "domain-block-listed",
            about: subject,
            severity: "error",
            sentence: `${subject} is on the block list ${listNames[list]} (${listing.names.join("; ")}).`,
            evidence: listing.codes.map((code) => `${listNames[list]}: ${subject} ${code}`),
            why: "Most receivers refuse mail from there.",
            fix: `Find out what was sent and stop it, then ask for removal at https://check.spamhaus.org/ with ${subject}.`,
          },
        ],
  );
  const silent = subjects.flatMap(({ list, listing }) =>
    listing.kind === "unknown" ? [{ list, problem: listing.problem }] : [],
  );
  const lists = [...new Set(silent.map(({ list }) => list))];
  return [
    ...listed,
    ...lists.map((list): Finding => {
      const problems = [...new Set(silent.filter((one) => one.list === list).map(({ problem }) => problem))];
      return {
        kind: "block-list-silent",
        about: listNames[list],
        severity: "instruction",
        sentence: `Whether ${listNames[list]} has an entry is not known: ${problems.join("; ")}.`,
        evidence: problems.map((problem) => `${listNames[list]}: ${problem}`),
        why: "An entry would stop mail, and would not be seen here.",
        fix: "Let DNS_RESOLVER be a resolver of your own that asks for itself, or get a key of Spamhaus and set SPAMHAUS to it.",
      };
    }),
  ];
}
