import type { DeliveryFinding } from "../findings/index.ts";
import { dayWords } from "../text/index.ts";
import type { JudgedProvider, JudgedRule } from "./judge-sender.ts";
import { providerRules, type SenderRule, senderRules } from "./provider-rules.ts";
import { ruleAdvice } from "./rule-advice.ts";

/** Begins the key of every finding about a rule that a provider sets for senders. */
export const ruleFindingPrefix = "rules-";

/** Messages a day from which some provider calls a sender a bulk sender by number. */
export const bulkPerDayLeast = Math.min(
  ...Object.values(providerRules).flatMap(({ bulkPerDay }) => bulkPerDay ?? []),
);

/** What makes the same rule of two looks one finding. */
export function ruleKeyOf(rule: SenderRule): string {
  return `${ruleFindingPrefix}${rule}`;
}

export interface RuleFindings {
  readonly found: readonly (DeliveryFinding & { readonly key: string })[];
  /** Rules that too little was measured of to say anything: what is open of them stays so. */
  readonly unsettled: readonly string[];
}

/**
 * Says which rules a bulk sender does not keep, each once for all providers that ask it. One that is open stays until it
 * was measured to be kept, so that a share at its limit does not come and go. A domain that sends little has none.
 */
export function findingsOfRules(domain: string, judged: readonly JudgedProvider[]): RuleFindings {
  const bulk = judged.filter(isBulkByNumber);
  const found: RuleFindings["found"][number][] = [];
  const unsettled: string[] = [];
  for (const rule of senderRules) {
    const asked = bulk.flatMap((provider) => {
      const own = provider.rules.find((one) => one.rule === rule);
      return own === undefined || isToldElsewhere(own, provider) ? [] : [{ provider, own }];
    });
    const missed = asked.filter(({ own }) => own.state === "not-met");
    if (missed.length > 0) found.push({ key: ruleKeyOf(rule), ...findingOf(domain, rule, missed) });
    else if (asked.some(({ own }) => own.state === "not-enough-data")) unsettled.push(ruleKeyOf(rule));
  }
  return { found, unsettled };
}

/** Where a provider names no number everybody is held to its rules, but only who sends much must hear it as a finding. */
function isBulkByNumber({ provider, isBulk, peak }: JudgedProvider): boolean {
  return isBulk && (peak?.messages ?? 0) >= (providerRules[provider].bulkPerDay ?? bulkPerDayLeast);
}

/** One of both proofs is told by each of them, and a share that a feed tells is a finding of that feed. */
function isToldElsewhere({ rule, measured }: JudgedRule, { rules }: JudgedProvider): boolean {
  if (rule === "complaints") return measured.kind === "told";
  return rule === "spf-or-dkim" && rules.some((one) => one.rule === "spf");
}

interface Missed {
  readonly provider: JudgedProvider;
  readonly own: JudgedRule;
}

function findingOf(domain: string, rule: SenderRule, missed: readonly Missed[]): DeliveryFinding {
  const { title, isRefused, why, steps } = ruleAdvice[rule];
  const titles = missed.map(({ provider }) => providerRules[provider.provider].title);
  const only = missed.length === 1 ? (missed[0]?.provider.provider ?? null) : null;
  return {
    severity: isRefused ? "error" : "warning",
    sentence: `${domain} sends much mail to ${listed(titles)} and does not keep ${titles.length === 1 ? "its" : "their"} rule: ${title}.`,
    details: {
      category: null,
      provider: only,
      owner: rule === "complaints" || rule === "one-click" ? "us-behaviour" : "us-configuration",
      why,
      evidence: missed.flatMap(({ provider, own }) => [
        `${providerRules[provider.provider].title}: ${measuredWords(own)}`,
        ...peakWords(provider),
        `${providerRules[provider.provider].title} says so on ${providerRules[provider.provider].source}`,
      ]),
      fix: { steps: [...steps], measure: null },
      runbook: "verdicts.md#a-sender-rule-is-not-kept",
      reply: null,
      figures: null,
      fleet: null,
    },
  };
}

function measuredWords({ rule, measured }: JudgedRule): string {
  if (measured.kind === "record" || measured.kind === "host-problem") return measured.sentence;
  if (measured.kind === "key-bits") return `the key has ${measured.bits} bits`;
  if (measured.kind !== "share") return "not measured";
  const of = `${measured.count} of ${measured.of} messages of 30 days`;
  return rule === "complaints" ? `${of} were marked as spam` : `${of} keep it`;
}

function peakWords({ provider, peak }: JudgedProvider): string[] {
  if (peak === null) return [];
  const day = dayWords(new Date(peak.day));
  return [`${providerRules[provider].title}: ${peak.messages} messages on ${day}, the most of any day`];
}

function listed(names: readonly string[]): string {
  const [last] = names.slice(-1);
  return names.length < 2 ? (last ?? "") : `${names.slice(0, -1).join(", ")} and ${last}`;
}
