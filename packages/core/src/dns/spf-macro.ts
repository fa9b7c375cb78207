import type { IpBits } from "./ip-bits.ts";

/** What macros stand for in one check (RFC 7208 §7.2). */
export interface SpfMacroValues {
  sender: string;
  domain: string;
  address: IpBits;
  helo: string;
  /** The name that the address proves to have; asked for only where "%{p}" stands. */
  provenName: string;
}

const nameLengthMax = 253;
const macroPattern = /%(?:\{([a-z])(\d*)(r?)([.\-+,/_=]*)\}|([%_-]))/gi;

/** Says whether a text follows the grammar of macro-string (RFC 7208 §7.1); c, r and t are for explanations only. */
export function isMacroString(text: string): boolean {
  if (!/^[\x21-\x7e]*$/.test(text)) return false;
  let isValid = true;
  const rest = text.replace(macroPattern, (_whole, letter: string | undefined, digits = "") => {
    if (letter !== undefined && (!/[slodiphv]/i.test(letter) || /^0+$/.test(digits))) isValid = false;
    return "";
  });
  return isValid && !rest.includes("%");
}

/** Says whether a text is a domain-spec: a macro-string that ends in a macro or in a top label (RFC 7208 §7.1). */
export function isDomainSpec(text: string): boolean {
  if (!isMacroString(text)) return false;
  if (/%(\{[^}]*\}|[%_-])$/.test(text)) return true;
  return /\.(?!\d+\.?$)[a-z0-9]([a-z0-9-]*[a-z0-9])?\.?$/i.test(text);
}

/** Whether a text asks for the name that the address proves, which costs look-ups of its own. */
export function needsProvenName(text: string): boolean {
  return /%\{p/i.test(text);
}

/** Puts values for macros and gives a domain name; what is too long loses labels from the left (RFC 7208 §7.3). */
export function expandDomainSpec(text: string, values: SpfMacroValues): string {
  const expanded = text.replace(macroPattern, (whole) => macroText(whole, values));
  const labels = (expanded.endsWith(".") ? expanded.slice(0, -1) : expanded).split(".");
  while (labels.length > 1 && labels.join(".").length > nameLengthMax) labels.shift();
  return labels.join(".");
}

function macroText(macro: string, values: SpfMacroValues): string {
  const [, letter = "", digits = "", reverse, delimiters = ""] =
    /^%\{([a-z])(\d*)(r?)(.*)\}$/i.exec(macro) ?? [];
  if (letter === "") return macro === "%%" ? "%" : macro === "%_" ? " " : "%20";
  const parts = valueOfMacro(letter.toLowerCase(), values).split(splitter(delimiters));
  if (reverse !== "") parts.reverse();
  const value = (digits === "" ? parts : parts.slice(-Number(digits))).join(".");
  return letter === letter.toUpperCase() ? encodeURIComponent(value) : value;
}

function splitter(delimiters: string): RegExp {
  return new RegExp(`[${(delimiters || ".").replace(/[-/]/g, "\\$&")}]`);
}

function valueOfMacro(letter: string, { sender, domain, address, helo, provenName }: SpfMacroValues): string {
  const at = sender.lastIndexOf("@");
  switch (letter) {
    case "s":
      return sender;
    case "l":
      return sender.slice(0, at);
    case "o":
      return sender.slice(at + 1);
    case "d":
      return domain;
    case "i":
      return dottedAddress(address);
    case "p":
      return provenName;
    case "v":
      return address.width === 32 ? "in-addr" : "ip6";
    default:
      return helo;
  }
}

/** The parts of an address with dots between: octets of IPv4, hexadecimal digits of IPv6. */
export function dottedAddress({ width, value }: IpBits): string {
  if (width === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
  return value.toString(16).padStart(32, "0").split("").join(".");
}
