import type { AskingDns, DnsLookup } from "./dns-lookup.ts";
import { utf8Length } from "./record-text.ts";
import { withoutDot } from "./same-value.ts";
import { type AskingDirective, parseSpf, type SpfDirective, spfRecordsOf } from "./spf-terms.ts";

export type FlattenedSpf =
  /** caution: what to know before it is published, in a sentence. */
  { kind: "flattened"; record: string; caution: string | null } | { kind: "impossible"; why: string };

// RFC 7208 §3.4: an answer with a longer record may not fit into a packet beside the other texts of the name.
const recordOctetsMax = 450;
const depthMax = 10;

/**
 * Replaces the names in an SPF record by the addresses that they lead to now, so that it costs no look-ups. Addresses
 * that change later are then wrong until it is flattened again, which is why nobody gets this without asking for it.
 */
export function* flattenSpf(domain: string, record: string): AskingDns<FlattenedSpf> {
  try {
    const terms = yield* flattenRecord(record, { domain, depth: 0 });
    const flat = ["v=spf1", ...new Set(terms)].join(" ");
    const octets = [...flat].reduce((sum, character) => sum + utf8Length(character), 0);
    const caution =
      octets <= recordOctetsMax
        ? null
        : `This record is ${octets} octets long, and beyond ${recordOctetsMax} some receivers do not get it whole.`;
    return { kind: "flattened", record: flat, caution };
  } catch (cause) {
    if (!(cause instanceof CannotFlatten)) throw cause;
    return { kind: "impossible", why: cause.message };
  }
}

/** Ends the walk from any depth; never leaves this file. */
class CannotFlatten extends Error {}

interface At {
  domain: string;
  depth: number;
}

function* flattenRecord(record: string, at: At): AskingDns<string[]> {
  const terms = parseSpf(record);
  if (terms.kind === "invalid") throw new CannotFlatten(`${terms.problem} (in the record of ${at.domain})`);
  if (at.depth > depthMax)
    throw new CannotFlatten(`the records include each other more than ${depthMax} deep`);
  const flat: string[] = [];
  for (const directive of terms.directives) flat.push(...(yield* flattenDirective(directive, at)));
  if (terms.redirect === null) return flat;
  return [...flat, ...(yield* flattenRecord(yield* recordOf(terms.redirect), deeper(terms.redirect, at)))];
}

const signs = { pass: "", fail: "-", softfail: "~", neutral: "?" } as const;

function* flattenDirective(directive: SpfDirective, at: At): AskingDns<string[]> {
  return directive.mechanism === "all" || directive.mechanism === "ip"
    ? [directive.text]
    : yield* flattenAsking(directive, at);
}

function* flattenAsking(directive: AskingDirective, at: At): AskingDns<string[]> {
  const name = withoutDot(directive.target ?? at.domain);
  if (name.includes("%")) throw new CannotFlatten(`"${directive.text}" depends on the message`);
  switch (directive.mechanism) {
    case "exists":
    case "ptr":
      throw new CannotFlatten(`"${directive.text}" depends on who connects`);
    case "include": {
      const included = yield* flattenRecord(yield* recordOf(name), deeper(name, at));
      const sign = signs[directive.qualifier];
      return included.flatMap((term) => senderOf(term, { include: directive.text, sign }));
    }
    case "a":
      return yield* addressTerms(name, directive);
    case "mx": {
      const flat: string[] = [];
      for (const host of yield* mailHostsOf(name)) flat.push(...(yield* addressTerms(host, directive)));
      return flat;
    }
  }
}

/** An include matches by what passes in it, and what it says of all others counts for nothing (RFC 7208 §5.2). */
function senderOf(term: string, { include, sign }: { include: string; sign: string }): string[] {
  if (/^[-~?+]?all$/i.test(term)) {
    if (/^\+?all$/i.test(term)) throw new CannotFlatten(`"${include}" lets the whole world send`);
    return [];
  }
  if (/^[-~?]/.test(term)) throw new CannotFlatten(`"${include}" leaves out "${term.slice(1)}" first`);
  return [`${sign}${term.replace(/^\+/, "")}`];
}

function* addressTerms(
  name: string,
  directive: Extract<AskingDirective, { mechanism: "a" | "mx" }>,
): AskingDns<string[]> {
  const sign = signs[directive.qualifier];
  const { prefix4, prefix6 } = directive;
  const v4 = yield* valuesOf({ name, type: "A" });
  const v6 = yield* valuesOf({ name, type: "AAAA" });
  return [
    ...v4.map((address) => `${sign}ip4:${address}${prefix4 === 32 ? "" : `/${prefix4}`}`),
    ...v6.map((address) => `${sign}ip6:${address}${prefix6 === 128 ? "" : `/${prefix6}`}`),
  ];
}

function* mailHostsOf(name: string): AskingDns<string[]> {
  const values = yield* valuesOf({ name, type: "MX" });
  return values.map((value) => withoutDot(value.split(" ")[1] ?? "")).filter((host) => host !== "");
}

function* recordOf(name: string): AskingDns<string> {
  if (name.includes("%")) throw new CannotFlatten(`"${name}" depends on the message`);
  const [record, ...others] = spfRecordsOf(yield* valuesOf({ name: withoutDot(name), type: "TXT" }));
  if (record === undefined) throw new CannotFlatten(`${name} has no SPF record`);
  if (others.length > 0)
    throw new CannotFlatten(`${name} has ${others.length + 1} SPF records instead of one`);
  return record;
}

function* valuesOf(lookup: DnsLookup): AskingDns<readonly string[]> {
  const answer = yield lookup;
  if (answer.kind === "failed") throw new CannotFlatten(answer.problem);
  // Answers come in any order, and the record is to change only when they do.
  return answer.kind === "found" ? [...answer.values].sort() : [];
}

function deeper(domain: string, { depth }: At): At {
  return { domain, depth: depth + 1 };
}
