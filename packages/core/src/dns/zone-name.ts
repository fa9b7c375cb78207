import type { ZoneWord } from "./zone-entries.ts";
import { octetsOfWord, ZoneDataError } from "./zone-octets.ts";

// RFC 1035 §2.3.4; a name on the wire has a length before each label and a zero at its end.
const labelOctetsMax = 63;
const nameOctetsMax = 255;

/**
 * An absolute name without its final dot (the root is "."), made of a word that may be relative or "@". Capitals stay,
 * and escapes are written in one way. Throws ZoneDataError for what is no name.
 */
export function zoneName({ text, isQuoted }: ZoneWord, origin: string): string {
  if (isQuoted)
    throw new ZoneDataError(`"${shortened(text)}" stands in quotation marks where a name belongs.`);
  if (text === "@") return origin;
  if (text === ".") return ".";
  const labels = text.split(/(?<=(?<!\\)(?:\\\\)*)\.(?!$)/u);
  const isAbsolute = /(?<!\\)(?:\\\\)*\.$/.test(text);
  if (isAbsolute) labels.push((labels.pop() ?? "").slice(0, -1));
  const own = labels.map(normalisedLabel).join(".");
  const name = isAbsolute || origin === "." ? own : `${own}.${origin}`;
  if (octetCount(name) > nameOctetsMax)
    throw new ZoneDataError(`The name ${shortened(text)} has more than ${nameOctetsMax} octets.`);
  return name;
}

/** Escapes only what would be read otherwise, so that a name has one spelling and never a space in it. */
function normalisedLabel(label: string): string {
  if (label === "") throw new ZoneDataError("A name has an empty part between its dots.");
  const octets = octetsOfWord(label);
  if (octets.length > labelOctetsMax)
    throw new ZoneDataError(`The part ${shortened(label)} of a name has more than ${labelOctetsMax} octets.`);
  return octets
    .map((octet) => {
      const character = String.fromCharCode(octet);
      if (/[a-z0-9_*/+=:,!#%&'?^`{|}~<>[\]-]/i.test(character)) return character;
      return /[\x21-\x7e]/.test(character) ? `\\${character}` : `\\${String(octet).padStart(3, "0")}`;
    })
    .join("");
}

function octetCount(name: string): number {
  return name.replace(/\\\d{3}|\\./g, "x").length + 2;
}

const shownMax = 40;

function shortened(text: string): string {
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}
