import { octetsOfWord, textOfOctets, ZoneDataError } from "../dns/index.ts";
import { canonicalValue } from "../publishing/index.ts";
import { foldNamingPointer } from "./naming-pointer.ts";
import { foldServiceBinding } from "./service-binding.ts";
import { foldUnknownData, isUnknownType } from "./unknown-record.ts";
import { isInZone, type ZoneRecord, zoneRecordTypes } from "./zone-record.ts";

/** A record as somebody types or pastes it: any case, names relative or absolute, texts with or without quotes. */
export interface TypedRecord {
  name: string;
  type: string;
  ttlSeconds: number;
  value: string;
}

/**
 * Brings what was typed into the one form in which records are kept; whether that is a record says `zoneRecordSchema`.
 *
 * @example foldTypedRecord({ name: "@", type: "mx", ttlSeconds: 300, value: "10 Mail.Example.com." }, "example.com")
 * // { name: "example.com", type: "MX", ttlSeconds: 300, value: "10 mail.example.com" }
 */
export function foldTypedRecord(typed: TypedRecord, zone: string): { [K in keyof ZoneRecord]: unknown } {
  const type = typed.type.trim().toUpperCase();
  const known = isUnknownType(type) ? type : zoneRecordTypes.find((one) => one === type);
  return {
    name: foldName(typed.name, zone),
    type: known ?? type,
    ttlSeconds: typed.ttlSeconds,
    value: foldValue(known, typed.value.trim(), zone),
  };
}

/** "@" and nothing stand for the zone; what ends with the zone is whole already, and so is what ends with a dot. */
function foldName(typed: string, zone: string): string {
  const name = typed.trim().toLowerCase();
  if (name === "" || name === "@") return zone;
  if (name.endsWith(".")) return name.slice(0, -1);
  return isInZone(name, zone) ? name : `${name}.${zone}`;
}

function foldValue(type: ZoneRecord["type"] | undefined, value: string, zone: string): string {
  if (type !== undefined && isUnknownType(type)) return foldUnknownData(value);
  const target = (name: string) => foldTarget(name, zone);
  switch (type) {
    case "HTTPS":
    case "SVCB":
      return foldServiceBinding(value, target);
    case "NAPTR":
      return foldNamingPointer(value, target);
    case "OPENPGPKEY":
      return value.replace(/\s+/g, "");
    case "TXT":
      return withoutQuotes(value);
    case "CNAME":
    case "NS":
    case "PTR":
      return foldTarget(value, zone);
    case "MX":
    case "SRV": {
      const parts = value.split(/\s+/);
      return [...parts.slice(0, -1), foldTarget(parts.at(-1) ?? "", zone)].join(" ");
    }
    case "A":
      return value.toLowerCase();
    case "AAAA":
      return canonicalValue(type, value);
    case "DS":
    case "SMIMEA":
    case "SSHFP":
    case "TLSA":
      return foldHex(value, type === "SSHFP" ? 2 : 3);
    case "CAA": {
      const [, flags, tag = "", text = ""] = /^(\S+)\s+(\S+)\s+(.*)$/s.exec(value) ?? [];
      return flags === undefined ? value : `${flags} ${tag.toLowerCase()} "${withoutQuotes(text)}"`;
    }
    case undefined:
      return value;
  }
}

/** Digests are often pasted in several pieces. */
function foldHex(value: string, numbers: number): string {
  const parts = value.split(/\s+/);
  return [...parts.slice(0, numbers), parts.slice(numbers).join("").toLowerCase()].join(" ");
}

function foldTarget(typed: string, zone: string): string {
  const name = typed.toLowerCase();
  if (name === "@") return zone;
  return name.length > 1 && name.endsWith(".") ? name.slice(0, -1) : name;
}

// One or more character-strings as a zone file writes them, and nothing else.
const quotedStrings = /^"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*$/s;

function withoutQuotes(value: string): string {
  if (!quotedStrings.test(value)) return value;
  const octets = [...value.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, text = ""]) => readOctets(text));
  // The strings are joined first, because a letter may end in the next (RFC 1035 §5.1).
  const text = octets.includes(null) ? null : textOfOctets(octets.flatMap((some) => some ?? []));
  return text ?? notUtf8;
}

// Refused by the check of the value with a sentence, as what is no text.
const notUtf8 = "\ufffd";

function readOctets(text: string): number[] | null {
  try {
    return octetsOfWord(text);
  } catch (cause) {
    if (cause instanceof ZoneDataError) return null;
    throw cause;
  }
}
