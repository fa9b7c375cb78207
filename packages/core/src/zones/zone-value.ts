import { z } from "zod";
import { shown } from "../domains/index.ts";
import { namingPointerProblem } from "./naming-pointer.ts";
import { serviceBindingProblem } from "./service-binding.ts";
import { isUnknownType, unknownDataProblem } from "./unknown-record.ts";
import { targetNameProblem } from "./zone-name.ts";
import type { NamedRecordType, ZoneRecordType } from "./zone-record.ts";

// A TXT that is longer hardly fits into an answer over UDP together with its signature.
const textOctetsMax = 4000;
const uint8Max = 255;
const uint16Max = 65_535;

/** Says why a text cannot be the value of such a record, or null when it can. */
export function zoneValueProblem(type: ZoneRecordType, value: string): string | null {
  return isUnknownType(type) ? unknownDataProblem(value) : valueProblems[type](value);
}

const isIpv4 = (text: string): boolean => z.ipv4().safeParse(text).success;
const isIpv6 = (text: string): boolean => z.ipv6().safeParse(text).success;

const valueProblems: Readonly<Record<NamedRecordType, (value: string) => string | null>> = {
  A: (value) => (isIpv4(value) ? null : `"${shown(value)}" is not an IPv4 address`),
  AAAA: (value) => (isIpv6(value) ? null : `"${shown(value)}" is not an IPv6 address`),
  CNAME: targetNameProblem,
  NS: targetNameProblem,
  PTR: targetNameProblem,
  MX: (value) => numbersAndName(value, { numbers: [uint16Max], example: "10 mail.example.com" }),
  SRV: (value) =>
    numbersAndName(value, {
      numbers: [uint16Max, uint16Max, uint16Max],
      example: "0 1 993 mail.example.com",
    }),
  TLSA: (value) =>
    numbersAndHex(value, { numbers: [uint8Max, uint8Max, uint8Max], example: "3 1 1 e3b0c4…" }),
  SSHFP: (value) => numbersAndHex(value, { numbers: [uint8Max, uint8Max], example: "4 2 e3b0c4…" }),
  DS: (value) =>
    numbersAndHex(value, { numbers: [uint16Max, uint8Max, uint8Max], example: "12345 13 2 e3b0c4…" }),
  SMIMEA: (value) =>
    numbersAndHex(value, { numbers: [uint8Max, uint8Max, uint8Max], example: "3 0 0 308203…" }),
  OPENPGPKEY: (value) =>
    /^[a-z0-9+/]{1,8000}={0,2}$/i.test(value) ? null : `"${shown(value)}" is no key in base64`,
  HTTPS: serviceBindingProblem,
  SVCB: serviceBindingProblem,
  NAPTR: namingPointerProblem,
  CAA: caaProblem,
  TXT: textProblem,
};

function numbersAndName(value: string, { numbers, example }: ValueForm): string | null {
  const parts = value.split(" ");
  if (parts.length !== numbers.length + 1 || !areNumbers(parts, numbers))
    return `"${shown(value)}" is not in the form of ${example}`;
  const target = parts.at(-1) ?? "";
  // The root says that there is no such service (RFC 7505 §3, RFC 2782).
  return target === "." ? null : targetNameProblem(target);
}

function numbersAndHex(value: string, { numbers, example }: ValueForm): string | null {
  const parts = value.split(" ");
  const hex = parts.at(-1) ?? "";
  const isHex = /^(?:[0-9a-f]{2}){1,4000}$/i.test(hex);
  return parts.length === numbers.length + 1 && areNumbers(parts, numbers) && isHex
    ? null
    : `"${shown(value)}" is not in the form of ${example}`;
}

interface ValueForm {
  /** The largest value of each number that comes first. */
  numbers: readonly number[];
  example: string;
}

function areNumbers(parts: readonly string[], numbers: readonly number[]): boolean {
  return numbers.every((max, index) => /^\d{1,5}$/.test(parts[index] ?? "") && Number(parts[index]) <= max);
}

// RFC 8659 §4.1.1: tags are letters and digits; the value is a quoted string, here without anything to escape.
const caaPattern = /^\d{1,3} [a-z0-9]{1,15} "[\x20\x21\x23-\x5b\x5d-\x7e]{0,255}"$/;

function caaProblem(value: string): string | null {
  return caaPattern.test(value) && Number(value.split(" ")[0]) <= uint8Max
    ? null
    : `"${shown(value)}" is not in the form of 0 issue "letsencrypt.org"`;
}

function textProblem(value: string): string | null {
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(value)) return "a text must be one line, without control characters";
  // What `\DDD` made no letter of stands as U+FFFD.
  if (value.includes("\ufffd"))
    return "a text is in UTF-8, and each octet of a letter is written as \\ and three digits: \\195\\188 is ü";
  // In UTF-8 a character needs four octets at most.
  if (octetsOf(value) > textOctetsMax) return `a text has at most ${textOctetsMax} octets`;
  return value === "" ? "a text must not be empty" : null;
}

function octetsOf(text: string): number {
  let octets = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    octets += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return octets;
}
