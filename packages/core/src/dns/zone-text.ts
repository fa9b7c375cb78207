import { quotedString, zoneFileData } from "./record-text.ts";
import { isZoneType, readZoneData } from "./zone-data.ts";
import { type ZoneEntry, type ZoneTextProblem, type ZoneWord, zoneEntries } from "./zone-entries.ts";
import { zoneName } from "./zone-name.ts";
import { ZoneDataError } from "./zone-octets.ts";

export type { ZoneTextProblem } from "./zone-entries.ts";

/** A record of a zone file. Name and value are written as in `PlannedRecord`. */
export interface ZoneRecord {
  /** Absolute name in small letters without the final dot; the root is ".". */
  name: string;
  /** In capitals, like "MX" or "TYPE65". */
  type: string;
  value: string;
  /** Null where neither the record nor a $TTL before it says one. */
  ttlSeconds: number | null;
  /** The character-strings of a text, where they are divided in an unusual way. */
  strings?: readonly string[];
}

/** What could be read of a zone file, and what could not. Nothing ought to be written while there are problems. */
export interface ReadZone {
  records: ZoneRecord[];
  /** On which line each of them begins, counted from 1. */
  lines: number[];
  problems: ZoneTextProblem[];
}

/** Longer texts, or more records, are no zone of a mail domain. */
export const zoneTextLimits = { characters: 2_000_000, records: 20_000, problems: 50 } as const;

// RFC 2181 §8.
const ttlSecondsMax = 2 ** 31 - 1;

interface ZoneReader {
  origin: string;
  owner: string | null;
  /** What $TTL says, else what the last record said (RFC 2308 §4). */
  defaultTtl: number | null;
  lastTtl: number | null;
}

/**
 * Reads a zone in BIND's text form (RFC 1035 §5.1): $ORIGIN, $TTL, parentheses, comments, quoted texts, escapes,
 * relative names. Each problem names its line, and the rest is read on; past the limits it stops and says so. Files
 * are never included, and only the class IN is taken. Throws ZoneDataError when `origin` is no name.
 *
 * @example readZoneText("@ IN MX 10 mx", { origin: "a.example" }).records
 * // [{ name: "a.example", type: "MX", value: "10 mx.a.example", ttlSeconds: null }]
 */
export function readZoneText(text: string, { origin }: { origin: string }): ReadZone {
  const zone: ReadZone = { records: [], lines: [], problems: [] };
  const reader: ZoneReader = {
    origin: zoneName({ text: origin, isQuoted: false }, ".").toLowerCase(),
    owner: null,
    defaultTtl: null,
    lastTtl: null,
  };
  if (text.length > zoneTextLimits.characters) {
    const problem = `The text has more than ${zoneTextLimits.characters} characters, which is no zone of a mail domain.`;
    return { records: [], lines: [], problems: [{ line: 1, problem }] };
  }
  for (const read of zoneEntries(text)) {
    if (read.kind === "problem") zone.problems.push({ line: read.line, problem: read.problem });
    else readEntry(read.entry, { reader, zone });
    const line = read.kind === "problem" ? read.line : read.entry.line;
    if (isOverLimit(zone, line)) break;
  }
  return zone;
}

function isOverLimit({ records, lines, problems }: ReadZone, line: number): boolean {
  if (records.length > zoneTextLimits.records) {
    records.pop();
    lines.pop();
    problems.push({
      line,
      problem: `The zone has more than ${zoneTextLimits.records} records; the rest is left out.`,
    });
    return true;
  }
  if (problems.length < zoneTextLimits.problems) return false;
  problems.push({ line, problem: "There are too many problems; the rest is not read." });
  return true;
}

function readEntry(entry: ZoneEntry, { reader, zone }: { reader: ZoneReader; zone: ReadZone }): void {
  try {
    const [first] = entry.words;
    const isDirective = entry.hasOwner && first?.isQuoted === false && first.text.startsWith("$");
    if (isDirective) followDirective(entry.words, reader);
    else {
      zone.records.push(readRecord(entry, reader));
      zone.lines.push(entry.line);
    }
  } catch (cause) {
    if (!(cause instanceof ZoneDataError)) throw cause;
    zone.problems.push({ line: entry.line, problem: cause.message });
  }
}

function followDirective(words: readonly ZoneWord[], reader: ZoneReader): void {
  const [directive = { text: "", isQuoted: false }, argument] = words;
  const name = directive.text.toUpperCase();
  if (name === "$INCLUDE")
    throw new ZoneDataError("$INCLUDE is not followed: put the records of that file here.");
  if (name === "$GENERATE") throw new ZoneDataError("$GENERATE is not followed: write the records out.");
  if (name !== "$ORIGIN" && name !== "$TTL") throw new ZoneDataError(`${directive.text} is no directive.`);
  if (argument === undefined || words.length > 2) throw new ZoneDataError(`${name} takes one word.`);
  if (name === "$ORIGIN") reader.origin = zoneName(argument, reader.origin).toLowerCase();
  else {
    const ttl = ttlOf(argument.text);
    if (ttl === null) throw new ZoneDataError(`"${argument.text.slice(0, 20)}" is no time to live.`);
    reader.defaultTtl = ttl;
  }
}

function readRecord(entry: ZoneEntry, reader: ZoneReader): ZoneRecord {
  const words = [...entry.words];
  if (entry.hasOwner) {
    // Forgotten before it is read: what follows a name that is none must not land under the one before.
    reader.owner = null;
    reader.owner = zoneName(words.shift() ?? { text: "", isQuoted: false }, reader.origin).toLowerCase();
  }
  if (reader.owner === null) throw new ZoneDataError("The record has no name, and there is none before it.");
  const stated = takeTtlAndClass(words);
  const type = (words.shift()?.text ?? "").toUpperCase();
  if (type === "") throw new ZoneDataError("The record has no type.");
  if (!isZoneType(type)) throw new ZoneDataError(`"${type.slice(0, 20)}" is no type of record.`);
  if (stated !== null) reader.lastTtl = stated;
  const data = readZoneData(type, words, reader.origin);
  return { name: reader.owner, type, ttlSeconds: stated ?? reader.defaultTtl ?? reader.lastTtl, ...data };
}

const otherClasses = ["CH", "CS", "HS", "ANY", "NONE"];

/** The time to live and the class come in any order, and each may be left out. */
function takeTtlAndClass(words: ZoneWord[]): number | null {
  let ttl: number | null = null;
  let hasClass = false;
  for (;;) {
    const word = words[0]?.text.toUpperCase() ?? "";
    if (otherClasses.includes(word)) throw new ZoneDataError(`The class ${word} is not taken, only IN.`);
    const asTtl: number | null = ttl === null ? ttlOf(word) : null;
    if (asTtl !== null) ttl = asTtl;
    else if (word === "IN" && !hasClass) hasClass = true;
    else return ttl;
    words.shift();
  }
}

const unitSeconds: Readonly<Record<string, number>> = { S: 1, M: 60, H: 3600, D: 86_400, W: 604_800 };

/** A number of seconds, or BIND's 1h30m; null when it is none. */
function ttlOf(text: string): number | null {
  const upper = text.toUpperCase();
  if (!/^(\d{1,10}|(\d{1,10}[SMHDW])+)$/.test(upper)) return null;
  const seconds = [...upper.matchAll(/(\d+)([SMHDW]?)/g)].reduce(
    (sum, [, count = "0", unit = ""]) => sum + Number(count) * (unitSeconds[unit] ?? 1),
    0,
  );
  if (seconds > ttlSecondsMax)
    throw new ZoneDataError(`The time to live ${text} is longer than ${ttlSecondsMax} s.`);
  return seconds;
}

/** What is needed of a record to write it; planned ones have it. */
export type WritableRecord = Pick<ZoneRecord, "name" | "type" | "value" | "strings"> & {
  ttlSeconds?: number | null;
};

/**
 * Writes records as a zone file that every name server reads, and `readZoneText` to the same records. All names are
 * absolute, so that each line can be pasted alone. Throws `RangeError` for a value that would end its line.
 */
export function writeZoneText(records: readonly WritableRecord[], { origin }: { origin: string }): string {
  const lines = [`$ORIGIN ${absolute(origin)}`, ...records.map(zoneLine)];
  return `${lines.join("\n")}\n`;
}

function zoneLine({ name, type, value, strings, ttlSeconds }: WritableRecord): string {
  const data = strings === undefined ? zoneFileData({ type, value }) : strings.map(quotedString).join(" ");
  const ttl = ttlSeconds == null ? "" : ` ${ttlSeconds}`;
  const line = `${absolute(name)}${ttl} IN ${type} ${data}`;
  if (/[\r\n]/.test(line)) throw new RangeError(`A value of ${name} would end its line in the zone file.`);
  return line;
}

function absolute(name: string): string {
  return name.endsWith(".") ? name : `${name}.`;
}
