import { type CheckFinding, type DnsLookupAnswer, expandIpv6, reverseName } from "../dns/index.ts";
import { type BlockList, type BlockListWeight, rulesOf } from "./block-list-rules.ts";

export type BlockListFindingKind = "block-listed" | "domain-block-listed" | "block-list-silent";
type Finding = CheckFinding<BlockListFindingKind>;

/** What a list says of an address or a domain. Unknown is never listed: it says something of who asked. */
export type Listing =
  | { kind: "clear" }
  | { kind: "listed"; codes: readonly string[]; names: readonly string[] }
  | { kind: "unknown"; problem: string };

export interface ListedSubject {
  list: BlockList;
  /** The address, the network of it ("2001:db8::/64") or the domain. */
  subject: string;
  listing: Listing;
  /** When it was asked about, as ISO text; left out in checks from before that was kept. */
  askedAt?: string;
}

/** What these answers mean is told by the list's owner: none of them is a listing. */
const refusals: Readonly<Record<string, string>> = {
  "127.0.1.255": "the list takes no addresses",
  "127.255.255.252": "the name of the list is misspelt",
  "127.255.255.254": "the list does not answer public or unnamed resolvers",
  "127.255.255.255": "too many questions came from this resolver",
};
const refusesBit = 1;

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
  return readCodes(list, answer.values);
}

function readCodes(list: BlockList, codes: readonly string[]): Listing {
  const { answers } = rulesOf(list);
  if (answers.by === "bit" && codes.some((code) => (lastOctet(code) & refusesBit) !== 0))
    return { kind: "unknown", problem: `${codes.join(", ")}: the list refuses to answer this resolver` };
  const meant = codes.map((code) => {
    if (answers.by === "code") return { code, names: [answers.listed[code] ?? ""] };
    // RFC 5782 §2.1: 127.0.0.1 is no listing anywhere.
    if (answers.by === "any") return { code, names: [code === "127.0.0.1" ? "" : answers.listed] };
    const bits = Object.entries(answers.listed);
    return {
      code,
      names: bits.flatMap(([bit, name]) => ((lastOctet(code) & Number(bit)) === 0 ? [] : [name])),
    };
  });
  const known = meant.filter(({ names }) => names.some((name) => name !== ""));
  if (known.length > 0)
    return {
      kind: "listed",
      codes: known.map(({ code }) => code),
      names: [...new Set(known.flatMap(({ names }) => names))],
    };
  if (answers.by === "code" && codes.every((code) => answers.clear?.includes(code))) return { kind: "clear" };
  return { kind: "unknown", problem: `${codes.join(", ")} is an answer that is not known here` };
}

function lastOctet(code: string): number {
  return Number(code.split(".")[3] ?? 0);
}

/** Whether a list has entries of this kind at all. */
export function listsSubject(list: BlockList, subject: string): boolean {
  const { lists } = rulesOf(list);
  if (!isAddress(subject)) return lists === "domains";
  return lists === "addresses" || lists === (subject.includes(":") ? "ipv6" : "ipv4");
}

/** What of an address is asked for: itself, and with IPv6 its network, because lists take up whole networks there. */
export function subjectsOfAddress(address: string): string[] {
  return address.includes(":") ? [address, ipv6Network(address)] : [address];
}

/** The /64 of an IPv6 address, which is what one customer is given at the least. */
export function ipv6Network(address: string): string {
  const groups = expandIpv6(address)
    .slice(0, 16)
    .match(/.{4}/g)
    ?.map((group) => group.replace(/^0+(?=.)/, ""));
  return `${(groups ?? []).join(":").replace(/(:0)+$/, "")}::/64`;
}

/** The name under which a list is asked, in the zone that answers for it; a network is asked for by its first address. */
export function listedName(subject: string, zone: string): string {
  const asked = subject.replace(/\/64$/, "");
  return `${isAddress(asked) ? reverseName(asked).replace(/\.(in-addr|ip6)\.arpa$/, "") : asked}.${zone}`;
}

function isAddress(subject: string): boolean {
  return subject.includes(":") || /^[\d.]+$/.test(subject);
}

/** What a list must and must not have, by which is seen that somebody answers for it (RFC 5782 §5). */
export function listProofs(list: BlockList): { listed: string; clear: readonly string[] } {
  const { lists, mustList } = rulesOf(list);
  if (lists === "domains") return { listed: mustList ?? "test", clear: ["invalid"] };
  if (lists === "ipv6") return { listed: "::ffff:7f00:2", clear: ["::ffff:7f00:1"] };
  return { listed: "127.0.0.2", clear: lists === "ipv4" ? ["127.0.0.1"] : ["127.0.0.1", "::ffff:7f00:1"] };
}

/**
 * What a list must and must not have in one family (RFC 5782 §5). Of a list that serves both, the entries of one family say
 * nothing of the other.
 */
export function familyProofs(
  list: BlockList,
  family: "ipv4" | "ipv6" | "domains",
): { listed: string; clear: readonly string[] } {
  if (family === "domains") return listProofs(list);
  return family === "ipv4"
    ? { listed: "127.0.0.2", clear: ["127.0.0.1"] }
    : { listed: "::ffff:7f00:2", clear: ["::ffff:7f00:1"] };
}

const severityOf: Record<BlockListWeight, Finding["severity"]> = {
  critical: "error",
  high: "error",
  medium: "warning",
  info: "instruction",
};
const whyOf: Record<BlockListWeight, string> = {
  critical: "Most receivers refuse mail from there.",
  high: "Many receivers refuse mail from there or put it into the spam folder.",
  medium: "Some receivers go by this list, and filters count it.",
  info: "Next to nobody goes by this list; it is told so that nobody is surprised.",
};

/** Judges what lists say of the addresses that send and of the domain. */
export function judgeListings(subjects: readonly ListedSubject[]): Finding[] {
  const listed = subjects.flatMap((one): Finding[] =>
    one.listing.kind === "listed" && !isToldWithAddress(one, subjects)
      ? [listedFinding(one, { listing: one.listing, subjects })]
      : [],
  );
  const silent = subjects.flatMap(({ list, listing }) =>
    listing.kind === "unknown" ? [{ list, problem: listing.problem }] : [],
  );
  return [
    ...listed,
    ...[...new Set(silent.map(({ list }) => list))].map((list) =>
      silentFinding(
        list,
        silent.filter((one) => one.list === list).map(({ problem }) => problem),
      ),
    ),
  ];
}

/** A network is told of with the address of ours that is listed in it. */
function isToldWithAddress({ list, subject }: ListedSubject, subjects: readonly ListedSubject[]): boolean {
  return subjects.some(
    (other) => other.list === list && other.listing.kind === "listed" && isWithin(other.subject, subject),
  );
}

function isWithin(address: string, network: string): boolean {
  return (
    network.endsWith("/64") &&
    address.includes(":") &&
    !address.endsWith("/64") &&
    ipv6Network(address) === network
  );
}

function listedFinding(
  { list, subject }: ListedSubject,
  {
    listing,
    subjects,
  }: { listing: Extract<Listing, { kind: "listed" }>; subjects: readonly ListedSubject[] },
): Finding {
  const { title, weight, lists, removalUrl } = rulesOf(list);
  const network = subjects.find(
    (other) => other.list === list && other.listing.kind === "listed" && isWithin(subject, other.subject),
  );
  const isNetwork = subject.endsWith("/64");
  const whole = network === undefined ? "" : `, and so is the whole network ${network.subject}`;
  const neighbours =
    isNetwork || network !== undefined
      ? " If nothing was sent from here, somebody else in the network did: ask the provider for a /64 of your own."
      : "";
  return {
    kind: lists === "domains" ? "domain-block-listed" : "block-listed",
    about: `${subject} ${list}`,
    // An entry of the network that does not hold for the address itself stops mail at few.
    severity: isNetwork && severityOf[weight] === "error" ? "warning" : severityOf[weight],
    sentence: `${subject} is on the block list ${title} (${listing.names.join("; ")})${whole}.`,
    evidence: [
      ...codeWords(list, subject, listing.codes),
      ...(network?.listing.kind === "listed" ? codeWords(list, network.subject, network.listing.codes) : []),
    ],
    why: whyOf[weight],
    fix: `Find out what was sent and stop it, then ask for removal at ${removalUrl} with ${subject}.${neighbours}`,
  };
}

/** What the list answered, with what that means there: a code alone tells a person nothing. */
function codeWords(list: BlockList, subject: string, codes: readonly string[]): string[] {
  return codes.map((code) => {
    const meant = readCodes(list, [code]);
    const words = meant.kind === "listed" ? `, ${meant.names.join(", ")}` : "";
    return `${rulesOf(list).title} lists ${subject}: it answers ${code}${words}`;
  });
}

function silentFinding(list: BlockList, said: readonly string[]): Finding {
  const { title } = rulesOf(list);
  const problems = [...new Set(said)];
  const isSpamhaus = list === "zen" || list === "dbl";
  return {
    kind: "block-list-silent",
    about: title,
    severity: "instruction",
    sentence: `Whether ${title} has an entry is not known: ${problems.join("; ")}.`,
    evidence: problems.map((problem) => `${title}: ${problem}`),
    why: "An entry would stop mail, and would not be seen here.",
    fix: isSpamhaus
      ? "Let DNS_RESOLVER be a resolver of your own that asks for itself, or get a key of Spamhaus and set SPAMHAUS to it."
      : "Let DNS_RESOLVER be a resolver of your own that asks for itself and that the list's owner knows, or take the list out of BLOCK_LISTS.",
  };
}
