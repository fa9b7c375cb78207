import type { AskingDns } from "./dns-lookup.ts";
import { spfLimits } from "./evaluate-spf.ts";
import { withoutDot } from "./same-value.ts";
import { type AskingDirective, parseSpf, type SpfTermList, spfRecordsOf } from "./spf-terms.ts";

/** What an SPF record costs a receiver whose sender meets every term. */
export interface SpfCost {
  /** As the terms count (RFC 7208 §4.6.4); counted no further than `spfCostLookupsMax`. */
  lookups: number;
  /** Of them, those that lead nowhere. */
  voidLookups: number;
  /** What each of the record's own terms adds, in its order, with all that it includes. */
  terms: readonly { term: string; lookups: number }[];
  /** Why it cannot be evaluated whatever it costs, as a part of a sentence; null when it can. */
  problem: string | null;
}

/** A record that includes itself would be counted for ever. */
export const spfCostLookupsMax = 50;

interface Walk {
  lookups: number;
  /** A sender has one family, so the voids of the two are not added up. */
  voids: { A: number; AAAA: number };
  problem: string | null;
}

/** Counts what a record costs at the worst, by asking all that its terms ask; it need not be published. */
export function* countSpfCost(domain: string, record: string): AskingDns<SpfCost> {
  const walk: Walk = { lookups: 0, voids: { A: 0, AAAA: 0 }, problem: null };
  const own = parseSpf(record);
  if (own.kind === "invalid") return { lookups: 0, voidLookups: 0, terms: [], problem: own.problem };
  const terms: { term: string; lookups: number }[] = [];
  for (const { term, list } of eachTerm(own)) {
    const before = walk.lookups;
    yield* countTerms(list, { domain, walk });
    terms.push({ term, lookups: walk.lookups - before });
  }
  const voidLookups = Math.max(walk.voids.A, walk.voids.AAAA);
  return { lookups: walk.lookups, voidLookups, terms, problem: walk.problem };
}

/** What is wrong with a record that costs this much, in a sentence; null when receivers can evaluate it. */
export function spfCostProblem({ lookups, voidLookups, terms, problem }: SpfCost): string | null {
  if (problem !== null) return `Receivers cannot evaluate this SPF record: ${problem}.`;
  if (lookups > spfLimits.lookups) {
    const costly = terms.filter((term) => term.lookups > 0).map((one) => `${one.term} (${one.lookups})`);
    const count = lookups > spfCostLookupsMax ? `more than ${spfCostLookupsMax}` : `${lookups}`;
    return `This SPF record needs ${count} look-ups and receivers make no more than ${spfLimits.lookups}, so SPF would fail: ${costly.join(", ")}. Have it flattened, or take senders out.`;
  }
  if (voidLookups > spfLimits.voidLookups)
    return `${voidLookups} look-ups of this SPF record lead nowhere and receivers bear no more than ${spfLimits.voidLookups}, so SPF would fail. Publish the names that it leads to, or take them out.`;
  return null;
}

/** Each term of a record alone, the redirect last. */
function eachTerm({ directives, redirect }: SpfTermList): { term: string; list: SpfTermList }[] {
  return [
    ...directives.map((directive) => ({
      term: directive.text,
      list: { kind: "terms", directives: [directive], redirect: null } as const,
    })),
    ...(redirect === null
      ? []
      : [{ term: `redirect=${redirect}`, list: { kind: "terms", directives: [], redirect } as const }]),
  ];
}

function* countTerms(
  { directives, redirect }: SpfTermList,
  at: { domain: string; walk: Walk },
): AskingDns<void> {
  const { walk } = at;
  for (const directive of directives) {
    if (directive.mechanism === "all" || directive.mechanism === "ip") continue;
    walk.lookups += 1;
    if (walk.lookups > spfCostLookupsMax) return;
    yield* countDirective(directive, at);
  }
  if (redirect === null || walk.lookups > spfCostLookupsMax) return;
  walk.lookups += 1;
  yield* countRecordOf(redirect, walk);
}

function* countDirective(directive: AskingDirective, at: { domain: string; walk: Walk }): AskingDns<void> {
  const name = directive.target ?? at.domain;
  // What a macro leads to depends on the message.
  if (name.includes("%")) return;
  switch (directive.mechanism) {
    case "include":
      return yield* countRecordOf(name, at.walk);
    case "exists":
      return yield* countAddresses(name, { walk: at.walk, types: ["A"] });
    case "a":
      return yield* countAddresses(name, { walk: at.walk, types: ["A", "AAAA"] });
    case "mx":
      return yield* countMailHosts(name, at.walk);
    case "ptr":
      return;
  }
}

function* countRecordOf(name: string, walk: Walk): AskingDns<void> {
  if (name.includes("%")) return;
  const answer = yield { name: withoutDot(name), type: "TXT" };
  if (answer.kind === "failed") {
    walk.problem ??= answer.problem;
    return;
  }
  const [record, ...others] = spfRecordsOf(answer.kind === "found" ? answer.values : []);
  if (record === undefined) walk.problem ??= `${name} has no SPF record to include`;
  else if (others.length > 0) walk.problem ??= `${name} has ${others.length + 1} SPF records instead of one`;
  else {
    const terms = parseSpf(record);
    if (terms.kind === "invalid") walk.problem ??= `${terms.problem} (in the record of ${name})`;
    else yield* countTerms(terms, { domain: name, walk });
  }
}

/** What cannot be asked about is not held against the record: it may lead somewhere. */
function* countAddresses(
  name: string,
  { walk, types }: { walk: Walk; types: readonly ("A" | "AAAA")[] },
): AskingDns<void> {
  for (const type of types) {
    const answer = yield { name: withoutDot(name), type };
    if (isVoid(answer)) walk.voids[type] += 1;
  }
}

function* countMailHosts(name: string, walk: Walk): AskingDns<void> {
  const answer = yield { name: withoutDot(name), type: "MX" };
  if (isVoid(answer)) {
    walk.voids.A += 1;
    walk.voids.AAAA += 1;
    return;
  }
  const hosts = answer.kind === "found" ? answer.values.map((value) => value.split(" ")[1] ?? "") : [];
  const named = hosts.map(withoutDot).filter((host) => host !== "");
  if (named.length > spfLimits.namesPerAnswer)
    walk.problem ??= `${name} has ${named.length} MX hosts, and SPF looks at no more than ${spfLimits.namesPerAnswer}`;
  else for (const host of named) yield* countAddresses(host, { walk, types: ["A", "AAAA"] });
}

function isVoid(answer: { kind: string; values?: readonly string[] }): boolean {
  return answer.kind === "none" || (answer.kind === "found" && answer.values?.length === 0);
}
