/** One line of a mail log, from the journal or from a file. */
export interface LogRecord {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** As syslog names it: `postfix/submission/smtpd`, `dovecot`, `rspamd`. */
  readonly program: string;
  /** Null where the line has none. */
  readonly pid: number | null;
  readonly message: string;
}

/** The parts of the name of a program of Postfix: its instance, and the daemon. */
interface PostfixProgram {
  readonly instance: string;
  readonly daemon: string;
}

const rfc3339Stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d) /;
const classicStamp = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) /;
const tagPattern = /^([^\s[]+)(?:\[(\d+)\])?$/;
/** No stamp is as long. */
const stampMax = 64;
const tagPlaces = 1024;
const knownProgramsMax = 200;
const space = 0x20;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const dayMs = 24 * 3_600_000;

/** What settles a time stamp that names no year and no zone. */
export interface SyslogClock {
  /** Milliseconds since 1970: no line was written more than a day later. */
  readonly now: number;
  /** When it was what the host's clock showed, given as though that had been UTC; the host is taken to be at UTC without it. */
  readonly fromHostTime?: (asIfUtc: number) => number;
}

/** Lines of a log as they lie one after the other, a character for each byte. */
export interface LogText {
  readonly text: string;
  /** What a part of it says, as a text of its own: what is cut out would hold the whole for as long as it is kept. */
  own(begin: number, end: number): string;
}

/** Whether a line of a program whose words begin at a place is worth to be made a record. */
export type IsWanted = (program: string, text: string, begin: number) => boolean;

/**
 * Reads lines of a syslog file, with time stamps of RFC 3339 or of the old kind that names no year and no zone (RFC
 * 3164 §4.1.2). Null for what is no such line.
 */
export function openSyslogReader(clock: SyslogClock): (line: string) => LogRecord | null {
  const read = openSyslogParts(clock, () => true);
  return (line) => read({ text: line, own: (begin, end) => line.slice(begin, end) }, 0, line.length);
}

/** Reads lines out of a longer text as openSyslogReader does one; null also for one that is not wanted, at little cost. */
export function openSyslogParts(
  clock: SyslogClock,
  isWanted: IsWanted,
): (lines: LogText, begin: number, end: number) => LogRecord | null {
  // Neighbours mostly carry the same stamp.
  let stamp = "";
  let at = Number.NaN;
  const tags = openTagReader();

  return (lines, begin, end) => {
    const { text } = lines;
    if (stamp === "" || !text.startsWith(stamp, begin)) {
      const read = readStamp(lines.own(begin, Math.min(end, begin + stampMax)), clock);
      if (read === null) return null;
      ({ stamp, at } = read);
    }
    // After the stamp: the host's name, and the program's with its pid in brackets and a colon.
    const hostAt = begin + stamp.length;
    const tagAt = text.indexOf(" ", hostAt) + 1;
    const colon = text.indexOf(":", tagAt);
    if (tagAt <= hostAt + 1 || colon <= tagAt || colon >= end) return null;
    const tag = tags.read(lines, tagAt, colon);
    if (tag === null) return null;
    const { program, pid } = tag;
    const wordsAt = text.charCodeAt(colon + 1) === space ? colon + 2 : colon + 1;
    return isWanted(program, text, wordsAt)
      ? { at, program, pid, message: lines.own(Math.min(wordsAt, end), end) }
      : null;
  };
}

interface Tag {
  /** As it stands in a line. */
  readonly text: string;
  readonly program: string;
  readonly pid: number | null;
}

interface TagReader {
  /** Reads `postfix/smtpd[10]`, which stands from `begin` to `end`; null for what names no program. */
  read(lines: LogText, begin: number, end: number): Tag | null;
}

/** A host has few of them, which come again and again: each is looked for where one of its length and last digits was put. */
function openTagReader(): TagReader {
  const places: (Tag | undefined)[] = new Array(tagPlaces).fill(undefined);
  return {
    read(lines, begin, end) {
      const { text } = lines;
      const place =
        (text.charCodeAt(end - 2) * 31 + text.charCodeAt(end - 3) * 7 + (end - begin)) & (tagPlaces - 1);
      const there = places[place];
      if (there !== undefined && there.text.length === end - begin && text.startsWith(there.text, begin))
        return there;
      const own = lines.own(begin, end);
      const [, program, pid] = tagPattern.exec(own) ?? [];
      if (program === undefined) return null;
      const tag = { text: own, program, pid: pid === undefined ? null : Number(pid) };
      places[place] = tag;
      return tag;
    },
  };
}

/** Reads one line as openSyslogReader does, of a host whose clock shows UTC. */
export function parseSyslogLine(line: string, now: number): LogRecord | null {
  return openSyslogReader({ now })(line);
}

function readStamp(line: string, clock: SyslogClock): { stamp: string; at: number } | null {
  const dated = rfc3339Stamp.exec(line);
  const classic = dated === null ? classicStamp.exec(line) : null;
  const stamp = (dated ?? classic)?.[0];
  if (stamp === undefined) return null;
  const at = classic === null ? Date.parse(stamp.trim()) : classicTime(classic, clock);
  return Number.isNaN(at) ? null : { stamp, at };
}

/** Of the years that a stamp may mean, the latest in which it is not far ahead. */
function classicTime(
  [, month, day, hour, minute, second]: readonly string[],
  { now, fromHostTime = (asIfUtc) => asIfUtc }: SyslogClock,
): number {
  const index = months.indexOf(month ?? "");
  if (index < 0) return Number.NaN;
  const inYear = (year: number) =>
    fromHostTime(Date.UTC(year, index, Number(day), Number(hour), Number(minute), Number(second)));
  // The host's clock may already show the next year.
  const nextYear = new Date(now).getUTCFullYear() + 1;
  const candidates = [nextYear, nextYear - 1, nextYear - 2].map(inYear);
  return candidates.find((at) => at <= now + dayMs) ?? Number.NaN;
}

/**
 * Takes the name apart, in which a service of master.cf may stand between both; null for a program that is not of Postfix. Several
 * instances are told by a `postfix-` prefix.
 */
export function postfixProgram(program: string): PostfixProgram | null {
  // Lines of one often follow each other.
  if (program === lastProgram) return lastRead;
  const known = knownPrograms.get(program);
  const read = known === undefined ? readProgram(program) : known;
  lastProgram = program;
  lastRead = read;
  if (known !== undefined) return known;
  if (knownPrograms.size >= knownProgramsMax) knownPrograms.clear();
  knownPrograms.set(program, read);
  return read;
}

const knownPrograms = new Map<string, PostfixProgram | null>();
let lastProgram = "";
let lastRead: PostfixProgram | null = null;

function readProgram(program: string): PostfixProgram | null {
  if (!program.startsWith("postfix")) return null;
  const slash = program.indexOf("/");
  if (slash < 0) return null;
  const daemon = program.slice(program.lastIndexOf("/") + 1);
  if (slash === "postfix".length) return { instance: "postfix", daemon };
  return program.startsWith("postfix-") ? { instance: program.slice(0, slash), daemon } : null;
}
