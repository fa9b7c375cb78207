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

/** The parts of a program's name: Postfix's instance, the service of master.cf where it is named otherwise, and the daemon. */
export interface PostfixProgram {
  readonly instance: string;
  readonly service: string | null;
  readonly daemon: string;
}

const rfc3339Head = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)) (\S+) /;
const classicHead = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\S+) /;
const tag = /^([^\s:[]+(?:\/[^\s:[]+)*)(?:\[(\d+)\])?: ?/;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const dayMs = 24 * 3_600_000;

/**
 * Reads a line of a syslog file, with time stamps of RFC 3339 or of the old kind that names no year and no zone (RFC
 * 3164 §4.1.2). `now` in milliseconds settles the year: never more than a day ahead of it. Null for what is no such line.
 */
export function parseSyslogLine(line: string, now: number): LogRecord | null {
  const head = rfc3339Head.exec(line) ?? classicHead.exec(line);
  if (head === null) return null;
  const at = head.length === 3 ? Date.parse(head[1] ?? "") : classicTime(head, now);
  const rest = line.slice(head[0].length);
  const tagged = tag.exec(rest);
  if (Number.isNaN(at) || tagged === null) return null;
  return {
    at,
    program: tagged[1] ?? "",
    pid: tagged[2] === undefined ? null : Number(tagged[2]),
    message: rest.slice(tagged[0].length),
  };
}

function classicTime([, month, day, hour, minute, second]: readonly string[], now: number): number {
  const at = (year: number) =>
    Date.UTC(year, months.indexOf(month ?? ""), Number(day), Number(hour), Number(minute), Number(second));
  const thisYear = Number(new Date(now).toISOString().slice(0, 4));
  return at(thisYear) > now + dayMs ? at(thisYear - 1) : at(thisYear);
}

/** Takes the name apart; null for a program that is not of Postfix. Several instances are told by a `postfix-` prefix. */
export function postfixProgram(program: string): PostfixProgram | null {
  const [instance = "", ...path] = program.split("/");
  if (instance !== "postfix" && !instance.startsWith("postfix-")) return null;
  const daemon = path.at(-1);
  if (daemon === undefined) return null;
  return { instance, service: path.length > 1 ? path.slice(0, -1).join("/") : null, daemon };
}
