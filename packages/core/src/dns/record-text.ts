import type { PlannedRecord } from "./planned-record.ts";
import { utf8Octets } from "./zone-octets.ts";

// RFC 1035 §3.3: one character-string holds at most this many octets; longer values are sent as several.
export const characterStringMax = 255;

/** Splits a TXT value into the character-strings that carry it; joining them gives the value back (RFC 7208 §3.3). */
export function characterStrings(value: string): string[] {
  const parts: string[] = [];
  let part = "";
  let partOctets = 0;
  for (const character of value) {
    const octets = utf8Length(character);
    if (partOctets + octets > characterStringMax) {
      parts.push(part);
      [part, partOctets] = ["", 0];
    }
    part += character;
    partOctets += octets;
  }
  return part === "" && parts.length > 0 ? parts : [...parts, part];
}

/** How many octets UTF-8 needs for one character; half a surrogate pair is sent as U+FFFD. */
export function utf8Length(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x1_0000 ? 3 : 4;
}

/** The record as a line of a BIND zone file (RFC 1035 §5.1), whole and ready to paste. */
export function zoneFileLine(record: Pick<PlannedRecord, "name" | "type" | "value">): string {
  return `${withDot(record.name)} IN ${record.type} ${zoneFileData(record)}`;
}

/** Which of the space-separated parts of a type's data are names, counted from 0. */
export const nameFields: Readonly<Record<string, readonly number[]>> = {
  AFSDB: [1],
  CNAME: [0],
  DNAME: [0],
  HTTPS: [1],
  KX: [1],
  MX: [1],
  NAPTR: [5],
  NS: [0],
  NSEC: [0],
  PTR: [0],
  RP: [0, 1],
  RRSIG: [7],
  RT: [1],
  SOA: [0, 1],
  SRV: [3],
  SVCB: [1],
};

/** The data of a record as it stands in a zone file: names absolute, texts quoted. */
export function zoneFileData({ type, value }: { type: string; value: string }): string {
  if (type === "TXT" || type === "SPF") return characterStrings(value).map(quotedString).join(" ");
  const names = nameFields[type];
  if (names === undefined) return value;
  return value
    .split(" ")
    .map((part, index) => (names.includes(index) ? withDot(part) : part))
    .join(" ");
}

/** A character-string in quotation marks; what is not printable ASCII is written as \DDD (RFC 1035 §5.1). */
export function quotedString(text: string): string {
  const escaped = text.replace(/["\\]/g, "\\$&").replace(/[^\x20-\x7e]/gu, (character) =>
    utf8Octets(character)
      .map((octet) => `\\${String(octet).padStart(3, "0")}`)
      .join(""),
  );
  return `"${escaped}"`;
}

function withDot(name: string): string {
  return name.endsWith(".") ? name : `${name}.`;
}
