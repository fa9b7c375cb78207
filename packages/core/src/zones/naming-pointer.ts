import { targetNameProblem } from "./zone-name.ts";

// A character-string of printable ASCII, with its escapes as they are written (RFC 1035 §5.1).
const quoted = String.raw`"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x2f\x3a-\x7e]|\\(?:[01]\d\d|2[0-4]\d|25[0-5])){0,255}"`;
const pattern = new RegExp(String.raw`^(\d{1,5}) (\d{1,5}) (${quoted}) (${quoted}) (${quoted}) (\S+)$`);
const example = '100 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .';

/** Says why a text cannot be the value of a NAPTR record, or null when it can (RFC 3403 §4.1). */
export function namingPointerProblem(value: string): string | null {
  const [, order, preference, flags = "", , expression, replacement = ""] = pattern.exec(value) ?? [];
  if (order === undefined || Number(order) > 65_535 || Number(preference) > 65_535)
    return `"${value.slice(0, 60)}" is not in the form of ${example}`;
  if (!/^"[a-z0-9]*"$/i.test(flags)) return `${flags} are no flags: letters and digits belong there`;
  if (replacement === ".") return null;
  return expression === '""'
    ? targetNameProblem(replacement)
    : "an expression and a replacement exclude each other; write a dot for the replacement";
}

/** What was typed in the one form in which it is kept: strings in quotation marks, and the name as names are. */
export function foldNamingPointer(value: string, foldTarget: (name: string) => string): string {
  const words = value.match(/"(?:[^"\\]|\\.)*"|\S+/gs) ?? [];
  return words
    .map((word, index) => {
      if (index === 5) return foldTarget(word);
      return index < 2 || word.startsWith('"') ? word : `"${word}"`;
    })
    .join(" ");
}
