import { ipBits } from "./ip-bits.ts";
import { characterStringMax, characterStrings, nameFields, quotedString } from "./record-text.ts";
import type { ZoneWord } from "./zone-entries.ts";
import { zoneName } from "./zone-name.ts";
import { octetsOfWord, textOfOctets, ZoneDataError } from "./zone-octets.ts";

export interface ZoneData {
  /** As `PlannedRecord.value` has it. */
  value: string;
  /** The character-strings of a text whose division is another than `characterStrings` would make. */
  strings?: readonly string[];
}

// RFC 1035 §3.2.1: the length of the data has 16 bits.
const dataOctetsMax = 65_535;

/** Every type that a zone file may name; any other is written as TYPE and its number (RFC 3597 §5). */
const knownTypes = new Set(
  (
    "A AAAA AFSDB APL CAA CDNSKEY CDS CERT CNAME CSYNC DHCID DLV DNAME DNSKEY DS EUI48 EUI64 HINFO HIP HTTPS " +
    "IPSECKEY KEY KX LOC MX NAPTR NS NSEC NSEC3 NSEC3PARAM OPENPGPKEY PTR RP RRSIG RT SIG SMIMEA SOA SPF SRV SSHFP " +
    "SVCB TA TLSA TXT URI ZONEMD"
  ).split(" "),
);

export function isZoneType(type: string): boolean {
  return knownTypes.has(type) || /^TYPE\d{1,5}$/.test(type);
}

/** Reads the data of one record. Throws ZoneDataError, with a sentence, for what the type cannot hold. */
export function readZoneData(type: string, words: readonly ZoneWord[], origin: string): ZoneData {
  const [first] = words;
  if (first === undefined) throw new ZoneDataError(`The ${type} record has no data.`);
  // RFC 3597 §5: data that is written as octets.
  if (first.text === "\\#" && !first.isQuoted) return { value: words.map(({ text }) => text).join(" ") };
  switch (type) {
    case "TXT":
    case "SPF":
      return readTexts(words);
    case "A":
    case "AAAA":
      return { value: readAddress(type, words) };
    case "CAA":
      return { value: readCaa(words) };
    case "HTTPS":
    case "SVCB":
      return { value: readFields(type, joinedParameters(words), origin) };
    case "TLSA":
    case "SMIMEA":
      return { value: readDigest(type, { words, numbers: 3 }) };
    case "SSHFP":
      return { value: readDigest(type, { words, numbers: 2 }) };
    case "DS":
    case "CDS":
      return { value: readDigest(type, { words, numbers: 3 }) };
    default:
      return { value: readFields(type, words, origin) };
  }
}

function readTexts(words: readonly ZoneWord[]): ZoneData {
  const parts = words.map(({ text }) => octetsOfWord(text));
  for (const [index, part] of parts.entries())
    if (part.length > characterStringMax)
      throw new ZoneDataError(
        `String ${index + 1} of the text has ${part.length} octets, and one holds at most ${characterStringMax}: divide it into several.`,
      );
  if (parts.reduce((sum, part) => sum + part.length + 1, 0) > dataOctetsMax)
    throw new ZoneDataError(`The text is longer than a record can be (${dataOctetsMax} octets).`);
  const value = textOfOctets(parts.flat());
  if (value === null)
    throw new ZoneDataError("The text is not in UTF-8, which is all that can be kept here.");
  const strings = parts.map(textOfOctets);
  const usual = characterStrings(value);
  const isUsual = strings.length === usual.length && strings.every((text, index) => text === usual[index]);
  // A string that ends within a letter is divided anew; receivers join them all.
  return isUsual || strings.includes(null)
    ? { value }
    : { value, strings: strings.map((text) => text ?? "") };
}

function readAddress(type: "A" | "AAAA", words: readonly ZoneWord[]): string {
  const [{ text } = { text: "" }] = words;
  if (words.length !== 1 || ipBits(text) === null || text.includes(":") !== (type === "AAAA"))
    throw new ZoneDataError(`"${shown(words)}" is no ${type === "A" ? "IPv4" : "IPv6"} address.`);
  return text;
}

function readCaa(words: readonly ZoneWord[]): string {
  const [flags, tag, value] = words;
  if (flags === undefined || tag === undefined || value === undefined || words.length !== 3)
    throw new ZoneDataError("A CAA record has flags, a tag and a value.");
  if (!isNumber(flags.text, 255) || !/^[a-z0-9]{1,15}$/i.test(tag.text))
    throw new ZoneDataError(`"${shown(words)}" is no CAA record.`);
  const text = textOfOctets(octetsOfWord(value.text));
  if (text === null) throw new ZoneDataError("The value of the CAA record is not in UTF-8.");
  return `${flags.text} ${tag.text.toLowerCase()} ${quotedString(text)}`;
}

function readDigest(
  type: string,
  { words, numbers }: { words: readonly ZoneWord[]; numbers: number },
): string {
  const heads = words.slice(0, numbers).map(({ text }) => text);
  const digest = words
    .slice(numbers)
    .map(({ text }) => text)
    .join("")
    .toLowerCase();
  if (heads.some((head) => !isNumber(head, 65_535)) || !/^([0-9a-f]{2})+$/.test(digest))
    throw new ZoneDataError(
      `"${shown(words)}" is no ${type} record: ${numbers} numbers and hexadecimal digits belong here.`,
    );
  return [...heads, digest].join(" ");
}

/** How many words a type has, and which of them are numbers up to which bound. */
const shapes: Readonly<Record<string, { words: number; numbers: readonly number[] }>> = {
  CNAME: { words: 1, numbers: [] },
  DNAME: { words: 1, numbers: [] },
  MX: { words: 2, numbers: [0] },
  NS: { words: 1, numbers: [] },
  PTR: { words: 1, numbers: [] },
  SOA: { words: 7, numbers: [] },
  SRV: { words: 4, numbers: [0, 1, 2] },
};

function readFields(type: string, words: readonly ZoneWord[], origin: string): string {
  const shape = shapes[type];
  if (shape !== undefined) {
    if (words.length !== shape.words)
      throw new ZoneDataError(
        `The ${type} record has ${words.length} ${words.length === 1 ? "part" : "parts"} instead of ${shape.words}.`,
      );
    const wrong = shape.numbers.find((index) => !isNumber(words[index]?.text ?? "", 65_535));
    if (wrong !== undefined)
      throw new ZoneDataError(`"${words[wrong]?.text}" in the ${type} record is no number from 0 to 65535.`);
  }
  const names = nameFields[type] ?? [];
  return words
    .map((word, index) => {
      if (names.includes(index)) return zoneName(word, origin);
      return word.isQuoted ? `"${word.text}"` : word.text;
    })
    .join(" ");
}

/** RFC 9460 §2.1: the value of a parameter may stand in quotation marks, right behind its name. */
function joinedParameters(words: readonly ZoneWord[]): ZoneWord[] {
  const joined: ZoneWord[] = [];
  for (const word of words) {
    const before = joined.at(-1);
    if (word.isQuoted && before?.isQuoted === false && before.text.endsWith("="))
      joined[joined.length - 1] = { text: `${before.text}"${word.text}"`, isQuoted: false };
    else joined.push(word);
  }
  return joined;
}

function isNumber(text: string, max: number): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= max;
}

const shownMax = 40;

function shown(words: readonly ZoneWord[]): string {
  const text = words.map((word) => word.text).join(" ");
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}
