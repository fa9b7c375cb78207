/** Stands where sentences of several servers differ only by the server. */
export const anyPart = "…";

const uuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
const moment = /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g;
const clock = /\b\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\b/g;
const ipv4 = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g;
const ipv6 = /(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4})*(?![\w:])|(?<![\w:])::[0-9a-f]{1,4}\b/gi;
/** Ids of messages in queues and the like: long, with digits and letters. */
const longId = /\b(?=[0-9A-Za-z]*\d)(?=[0-9A-Za-z]*[A-Za-z])[0-9A-Za-z]{10,}\b/g;
/** Of whom another server waits for; how `chooseStarts` says it. */
const waitsFor = /^.+(?=, (?:which stands in for it|of the same customer), is )/;
/** A number by itself. One in a version or a name, of a port, or of a reply (RFC 5321 §4.2, RFC 3463 §2) says what is wrong. */
const amount =
  /(?<![\w.:~+/-])(?<!\bports? )(?<!\bstatus )(?<!\bcode )(?![245]\d\d[ -][245]\.\d{1,3}\.\d{1,3}\b)\d+(?:[.,]\d+)*(?![\w:~+/-]|\.\d)/gi;

/**
 * A sentence of one server as all servers to which the same happened would say it: names, ids, addresses, times and amounts
 * make no difference.
 * @example sameOutput("mail7.a.example: 12 of 90 messages wait since 09:12.", ["mail7.a.example"]) // "…: … of … messages wait since …."
 */
export function sameOutput(sentence: string, names: readonly string[]): string {
  let read = sentence;
  // The longer first: a host name begins with the name of the server.
  for (const name of names.filter((one) => one !== "").toSorted((a, b) => b.length - a.length))
    read = read.replaceAll(wholeWord(name), anyPart);
  read = read.replace(waitsFor, anyPart);
  for (const part of [uuid, moment, ipv6, clock, ipv4, longId, amount]) read = read.replaceAll(part, anyPart);
  return read;
}

function wholeWord(name: string): RegExp {
  return new RegExp(`(?<![\\w-])${name.replace(/[^\w]/g, "\\$&")}(?![\\w-])`, "gi");
}
