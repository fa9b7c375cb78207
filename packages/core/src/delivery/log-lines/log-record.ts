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
const knownTagsMax = 1000;
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

/**
 * Reads lines of a syslog file, with time stamps of RFC 3339 or of the old kind that names no year and no zone (RFC
 * 3164 §4.1.2). Null for what is no such line.
 */
export function openSyslogReader(clock: SyslogClock): (line: string) => LogRecord | null {
  // Neighbours mostly carry the same stamp.
  let stamp = "";
  let at = Number.NaN;
  const tags = openTagReader();

  return (line) => {
    if (stamp === "" || !line.startsWith(stamp)) {
      const read = readStamp(line, clock);
      if (read === null) return null;
      ({ stamp, at } = read);
    }
    // After the stamp: the host's name, and the program's with its pid in brackets and a colon.
    const begin = line.indexOf(" ", stamp.length) + 1;
    const colon = line.indexOf(":", begin);
    if (begin <= stamp.length + 1 || colon <= begin) return null;
    const tag = tags.read(line.slice(begin, colon));
    const message = line.slice(line.charCodeAt(colon + 1) === space ? colon + 2 : colon + 1);
    return tag === null ? null : { at, program: tag.program, pid: tag.pid, message };
  };
}

interface Tag {
  readonly program: string;
  readonly pid: number | null;
}

/** Reads `postfix/smtpd[10]`; null for what names no program. A host has few of them, which come again and again. */
function openTagReader(): { read(text: string): Tag | null } {
  const known = new Map<string, Tag | null>();
  return {
    read(text) {
      const there = known.get(text);
      if (there !== undefined) return there;
      const [, program, pid] = tagPattern.exec(text) ?? [];
      const tag = program === undefined ? null : { program, pid: pid === undefined ? null : Number(pid) };
      if (known.size >= knownTagsMax) known.clear();
      known.set(text, tag);
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
  if (!program.startsWith("postfix")) return null;
  const slash = program.indexOf("/");
  if (slash < 0) return null;
  const daemon = program.slice(program.lastIndexOf("/") + 1);
  if (slash === "postfix".length) return { instance: "postfix", daemon };
  return program.startsWith("postfix-") ? { instance: program.slice(0, slash), daemon } : null;
}
