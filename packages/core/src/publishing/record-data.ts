import { ipBits, ipText } from "../dns/index.ts";
import { canonicalName } from "./record-set.ts";

/** Where in the fields of a type a domain name stands; these fields end with a dot in zone files. */
const nameFieldOf: Readonly<Record<string, number>> = { CNAME: 0, NS: 0, PTR: 0, MX: 1, SRV: 3 };

// RFC 1035 §3.3: one character-string holds at most this many octets.
const characterStringMax = 255;

/**
 * A value in the one form in which it is compared and stored: names in lower case without the final dot, numbers
 * without zeros before them, and the strings of a TXT joined.
 */
export function canonicalValue(type: string, value: string): string {
  switch (type) {
    case "TXT":
      return value;
    case "AAAA":
      return shortIpv6(value.trim());
    case "CAA": {
      const [, flags = "0", tag = "", text = ""] = /^\s*(\d+)\s+(\S+)\s+(.*?)\s*$/s.exec(value) ?? [];
      return `${Number(flags)} ${tag.toLowerCase()} "${text.replace(/^"(.*)"$/s, "$1")}"`;
    }
    case "TLSA":
    case "SSHFP": {
      const numbers = type === "TLSA" ? 3 : 2;
      const fields = value.trim().toLowerCase().split(/\s+/);
      return [...fields.slice(0, numbers), fields.slice(numbers).join("")].join(" ");
    }
    default:
      return withNameField(type, value, canonicalName);
  }
}

/** A value as zone files and most providers write it: TXT in quotes and pieces, names with the final dot. */
export function recordData(type: string, value: string): string {
  return type === "TXT"
    ? textStrings(value).join(" ")
    : withNameField(type, value, (name) => (name.endsWith(".") ? name : `${name}.`));
}

/** The value that zone file data means; the opposite of `recordData`. */
export function valueOfData(type: string, data: string): string {
  return canonicalValue(type, type === "TXT" ? joinedStrings(data) : data);
}

/** Zone file data with absolute names: a name without a final dot lies below the origin, and "@" is the origin. */
export function absoluteData(type: string, data: string, origin: string): string {
  if (nameFieldOf[type] === undefined) return data;
  const absolute = (name: string) =>
    name === "@" ? `${origin}.` : name.endsWith(".") ? name : `${name}.${origin}.`;
  return withNameField(type, data, absolute);
}

function withNameField(type: string, value: string, change: (name: string) => string): string {
  const at = nameFieldOf[type];
  const fields = value.trim().split(/\s+/);
  if (at === undefined) return fields.join(" ");
  // The root as a name ("0 .") says that there is no such service (RFC 7505, RFC 2782).
  return fields
    .map((field, index) =>
      index === at ? (field === "." ? field : change(field)) : field.replace(/^0+(?=\d)/, ""),
    )
    .join(" ");
}

function textStrings(value: string): string[] {
  const octets = utf8Octets(value);
  const strings: string[] = [];
  for (let at = 0; at < octets.length || at === 0; at += characterStringMax)
    strings.push(
      `"${octets
        .slice(at, at + characterStringMax)
        .map(escaped)
        .join("")}"`,
    );
  return strings;
}

/** RFC 1035 §5.1: what is not plain ASCII is written as a backslash and three decimal digits. */
function escaped(octet: number): string {
  const character = String.fromCharCode(octet);
  if (character === '"' || character === "\\") return `\\${character}`;
  return octet >= 32 && octet < 127 ? character : `\\${String(octet).padStart(3, "0")}`;
}

function joinedStrings(data: string): string {
  const octets: number[] = [];
  const token = /"((?:[^"\\]|\\[\s\S])*)"|((?:[^\s"\\]|\\[\s\S])+)/g;
  for (const [, quoted, bare] of data.matchAll(token)) octets.push(...unescaped(quoted ?? bare ?? ""));
  return utf8Text(octets);
}

function unescaped(text: string): number[] {
  return [...text.matchAll(/\\(\d{3})|\\([\s\S])|([^\\]+)/g)].flatMap(([, digits, one, run]) =>
    digits === undefined ? utf8Octets(one ?? run ?? "") : [Number(digits) & 0xff],
  );
}

function utf8Octets(text: string): number[] {
  return [...encodeURIComponent(text.toWellFormed()).matchAll(/%(..)|(.)/g)].map(([, hex, character]) =>
    hex === undefined ? (character ?? "").charCodeAt(0) : Number.parseInt(hex, 16),
  );
}

/** Octets that are no UTF-8 are shown one by one, so that two different values stay different. */
function utf8Text(octets: readonly number[]): string {
  try {
    return decodeURIComponent(octets.map((octet) => `%${octet.toString(16).padStart(2, "0")}`).join(""));
  } catch {
    return String.fromCharCode(...octets);
  }
}

/** What is no IPv6 address stays as it is, and so does one that an IPv4 address is mapped into. */
function shortIpv6(text: string): string {
  const bits = ipBits(text);
  return bits === null || bits.width === 32 ? text.toLowerCase() : ipText(bits);
}
