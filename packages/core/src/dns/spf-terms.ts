import { type IpBits, ipBits } from "./ip-bits.ts";
import { isDomainSpec, isMacroString } from "./spf-macro.ts";

/** What a mechanism gives when it matches (RFC 7208 §4.6.2). */
export type SpfQualifier = "pass" | "fail" | "softfail" | "neutral";

interface Qualified {
  text: string;
  qualifier: SpfQualifier;
}

/** A mechanism that is decided by asking the DNS. */
export type AskingDirective = Qualified &
  (
    | { mechanism: "include" | "exists"; target: string }
    | { mechanism: "a" | "mx"; target: string | null; prefix4: number; prefix6: number }
    | { mechanism: "ptr"; target: string | null }
  );

export type SpfDirective =
  | AskingDirective
  | (Qualified & { mechanism: "all" })
  | (Qualified & { mechanism: "ip"; network: IpBits; prefix: number });

export interface SpfTermList {
  kind: "terms";
  directives: readonly SpfDirective[];
  redirect: string | null;
}

/** A record whose every term is well formed, or the sentence part that says which is not. */
export type SpfTerms = SpfTermList | { kind: "invalid"; problem: string };

const qualifiers: Record<string, SpfQualifier> = {
  "+": "pass",
  "-": "fail",
  "~": "softfail",
  "?": "neutral",
};

/** The TXT values at a name that are SPF records: the version, then a space or the end (RFC 7208 §4.5). */
export function spfRecordsOf(values: readonly string[]): string[] {
  return values.filter((value) => /^v=spf1( |$)/i.test(value));
}

/** Reads an SPF record. One malformed term makes all of it a permanent error, wherever it stands (RFC 7208 §4.6). */
export function parseSpf(record: string): SpfTerms {
  const directives: SpfDirective[] = [];
  const modifiers = new Map<string, string>();
  for (const text of record.split(/ +/).slice(1)) {
    if (text === "") continue;
    const modifier = /^([a-z][a-z0-9_.-]*)=(.*)$/is.exec(text);
    if (modifier === null) {
      const directive = parseDirective(text);
      if (directive === null) return { kind: "invalid", problem: `"${text}" is not a term of SPF` };
      directives.push(directive);
      continue;
    }
    const [name, value] = [(modifier[1] ?? "").toLowerCase(), modifier[2] ?? ""];
    const isKnown = name === "redirect" || name === "exp";
    if (!(isKnown ? isDomainSpec(value) : isMacroString(value)))
      return { kind: "invalid", problem: `"${text}" is not a term of SPF` };
    if (isKnown && modifiers.has(name)) return { kind: "invalid", problem: `"${name}=" stands there twice` };
    modifiers.set(name, value);
  }
  return { kind: "terms", directives, redirect: modifiers.get("redirect") ?? null };
}

function parseDirective(text: string): SpfDirective | null {
  const sign = qualifiers[text.charAt(0)];
  const body = sign === undefined ? text : text.slice(1);
  const common = { text, qualifier: sign ?? "pass" };
  const [, name = "", rest = ""] = /^([a-z0-9]+)(.*)$/is.exec(body) ?? [];
  switch (name.toLowerCase()) {
    case "all":
      return rest === "" ? { ...common, mechanism: "all" } : null;
    case "include":
    case "exists": {
      const mechanism = name.toLowerCase() === "include" ? "include" : "exists";
      const target = targetOf(rest);
      return target === null || target === "" ? null : { ...common, mechanism, target };
    }
    case "a":
    case "mx": {
      const mechanism = name.toLowerCase() === "a" ? "a" : "mx";
      const [, before = "", four, six] = /^(.*?)(?:\/(\d+))?(?:\/\/(\d+))?$/s.exec(rest) ?? [];
      const [target, prefix4, prefix6] = [targetOf(before), prefixOf(four, 32), prefixOf(six, 128)];
      if (target === null || prefix4 === null || prefix6 === null) return null;
      return { ...common, mechanism, target: target || null, prefix4, prefix6 };
    }
    case "ptr": {
      const target = targetOf(rest);
      return target === null ? null : { ...common, mechanism: "ptr", target: target || null };
    }
    case "ip4":
    case "ip6":
      return parseNetwork(common, { rest, isIpv6: name.endsWith("6") });
    default:
      return null;
  }
}

function parseNetwork(
  common: Qualified,
  { rest, isIpv6 }: { rest: string; isIpv6: boolean },
): SpfDirective | null {
  const [, address = "", length] = /^:([0-9a-f:.]+)(?:\/(\d+))?$/i.exec(rest) ?? [];
  const network = ipBits(address);
  const prefix = prefixOf(length, isIpv6 ? 128 : 32);
  if (network === null || prefix === null || address.includes(":") !== isIpv6) return null;
  // A mapped IPv4 network counts its bits from the start of the IPv6 address.
  const isMapped = isIpv6 && network.width === 32;
  return { ...common, mechanism: "ip", network, prefix: isMapped ? Math.max(prefix - 96, 0) : prefix };
}

/** The domain behind a colon, "" where none is given, null where it is malformed. */
function targetOf(rest: string): string | null {
  if (rest === "") return "";
  return rest.startsWith(":") && isDomainSpec(rest.slice(1)) ? rest.slice(1) : null;
}

function prefixOf(digits: string | undefined, max: number): number | null {
  if (digits === undefined) return max;
  return /^(0|[1-9]\d*)$/.test(digits) && Number(digits) <= max ? Number(digits) : null;
}
