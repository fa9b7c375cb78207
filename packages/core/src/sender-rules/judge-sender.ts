import { compareShare, shareBounds } from "../reputation/index.ts";
import {
  complaintLimits,
  gmailNames,
  keyBitsAdvised,
  keyBitsMin,
  missesMax,
  type ProviderRules,
  providerRules,
  type RuledProvider,
  type RuleScope,
  ruledProviders,
  type SenderRule,
  senderRules,
} from "./provider-rules.ts";
import type { Complaints, Part, ProviderFacts, RecordFact, SenderFacts } from "./sender-facts.ts";

/**
 * near-limit: the rule is kept, and what the provider calls good is not. does-not-apply: the rule is for bulk senders, and
 * this is none. What was measured stands there all the same.
 */
export type RuleState = "met" | "near-limit" | "not-met" | "not-enough-data" | "does-not-apply";

/** What a rule was judged by. */
export type Measured =
  | { readonly kind: "record"; readonly isRight: boolean; readonly sentence: string }
  | ({ readonly kind: "share" } & Part)
  | Extract<Complaints, { kind: "told" }>
  | { readonly kind: "key-bits"; readonly bits: number }
  | { readonly kind: "hosts-right" }
  | { readonly kind: "own-from" }
  | { readonly kind: "host-problem"; readonly serverId: string; readonly sentence: string }
  | {
      readonly kind: "unmeasured";
      readonly why: "unchecked" | "no-mail" | "no-bulk-mail" | "no-key" | "no-feed" | "no-link-seen";
    };

export interface JudgedRule {
  readonly rule: SenderRule;
  readonly scope: RuleScope;
  readonly state: RuleState;
  readonly measured: Measured;
}

export interface JudgedProvider {
  readonly provider: RuledProvider;
  readonly peak: ProviderFacts["peak"];
  readonly isBulk: boolean;
  /** In the order of `senderRules`; without those that the provider does not ask. */
  readonly rules: readonly JudgedRule[];
}

/** Holds what was measured of a domain's mail against what each provider asks. Nothing is guessed: what nobody measured is not met. */
export function judgeSender(facts: SenderFacts): readonly JudgedProvider[] {
  return ruledProviders.map((provider) => {
    const own = facts.providers[provider];
    const asked = providerRules[provider];
    const isBulk = isBulkSender(asked, own);
    return {
      provider,
      peak: own.peak,
      isBulk,
      rules: senderRules.flatMap((rule): JudgedRule[] => {
        const scope = asked.asks[rule];
        if (scope === undefined) return [];
        const { state, measured } = judgeRule(rule, facts, own);
        const doesApply = scope === "everyone" || isBulk;
        return [{ rule, scope, state: doesApply ? state : "does-not-apply", measured }];
      }),
    };
  });
}

/** Where no number is named, everybody who sends there at all is held to the rules. */
function isBulkSender({ bulkPerDay }: ProviderRules, { peak }: ProviderFacts): boolean {
  return peak !== null && peak.messages >= (bulkPerDay ?? 1);
}

type Judgement = Pick<JudgedRule, "state" | "measured">;

function judgeRule(rule: SenderRule, facts: SenderFacts, own: ProviderFacts): Judgement {
  switch (rule) {
    case "spf-or-dkim": {
      const [spf, dkim] = [judgeRecord(facts.spf), judgeDkim(facts, own)];
      const best = [dkim, spf].find(({ state }) => state === "met");
      return best ?? (spf.state === "not-enough-data" ? spf : dkim);
    }
    case "spf":
      return judgeRecord(facts.spf);
    case "dkim":
      return judgeDkim(facts, own);
    case "key-size":
      return judgeKey(facts.keyBits);
    case "dmarc":
      return judgeRecord(facts.dmarc);
    case "alignment":
      return judgeShare(own.aligned, "no-mail");
    case "reverse-name":
      return judgeHosts(facts.hostProblems);
    case "tls":
      return judgeShare(own.overTls, "no-mail");
    case "one-click":
      return judgeShare(own.oneClick, "no-bulk-mail");
    case "unsubscribe":
      return judgeUnsubscribe(own.oneClick);
    case "format":
      return judgeShare(own.wellFormed, "no-mail");
    case "own-from":
      return judgeFrom(facts.domain);
    case "complaints":
      return judgeComplaints(own.complaints);
  }
}

function judgeRecord({ isRight, sentence }: RecordFact): Judgement {
  if (isRight === null) return unmeasured("unchecked");
  return { state: isRight ? "met" : "not-met", measured: { kind: "record", isRight, sentence } };
}

/** The record must be right, and the mail signed: a key that is published and not used proves nothing. */
function judgeDkim({ dkim }: SenderFacts, { signed }: ProviderFacts): Judgement {
  const byRecord = judgeRecord(dkim);
  if (byRecord.state !== "met" || signed.of === 0) return byRecord;
  const bySigning = judgeShare(signed, "no-mail");
  return bySigning.state === "not-enough-data" ? { ...byRecord, measured: bySigning.measured } : bySigning;
}

function judgeKey(bits: number | null): Judgement {
  if (bits === null) return unmeasured("no-key");
  const state = bits >= keyBitsAdvised ? "met" : bits >= keyBitsMin ? "near-limit" : "not-met";
  return { state, measured: { kind: "key-bits", bits } };
}

/** One click is one way of several, and a link in the text is seen by nobody here: what has none proves nothing. */
function judgeUnsubscribe(oneClick: Part): Judgement {
  const judged = judgeShare(oneClick, "no-bulk-mail");
  return judged.state === "met" || oneClick.of === 0 ? judged : unmeasured("no-link-seen");
}

/** What the domain's own mail has in From is the domain; other names there are told by the rule of alignment. */
function judgeFrom(domain: string): Judgement {
  return { state: gmailNames.includes(domain) ? "not-met" : "met", measured: { kind: "own-from" } };
}

function judgeHosts(problems: SenderFacts["hostProblems"]): Judgement {
  if (problems === null) return unmeasured("unchecked");
  const [first] = problems;
  return first === undefined
    ? { state: "met", measured: { kind: "hosts-right" } }
    : { state: "not-met", measured: { kind: "host-problem", ...first } };
}

/** By the bounds of what goes without, so that two of three messages are no verdict. */
function judgeShare(part: Part, why: "no-mail" | "no-bulk-mail"): Judgement {
  if (part.of === 0) return unmeasured(why);
  const misses = compareShare(shareBounds(part.of - part.count, part.of), missesMax);
  const state = { above: "not-met", below: "met", unsettled: "not-enough-data" } as const;
  return { state: state[misses], measured: { kind: "share", ...part } };
}

function judgeComplaints(complaints: Complaints | null): Judgement {
  if (complaints === null) return unmeasured("no-feed");
  if (complaints.kind === "told") {
    const { lower, upper } = complaints;
    const against = (limit: number) => (lower >= limit ? "above" : upper < limit ? "below" : "unsettled");
    return { state: complaintState(against), measured: complaints };
  }
  const { count, of } = complaints;
  const bounds = shareBounds(count, of);
  return {
    state: complaintState((limit) => compareShare(bounds, limit)),
    measured: { kind: "share", count, of },
  };
}

/** Below the limit at which mail is refused, and above what Gmail asks senders to keep (0.3 % and 0.1 %). */
function complaintState(against: (limit: number) => "above" | "below" | "unsettled"): RuleState {
  const state = { above: "not-met", below: "met", unsettled: "not-enough-data" } as const;
  const judged = state[against(complaintLimits.never)];
  return judged === "met" && against(complaintLimits.aim) === "above" ? "near-limit" : judged;
}

function unmeasured(why: Extract<Measured, { kind: "unmeasured" }>["why"]): Judgement {
  return { state: "not-enough-data", measured: { kind: "unmeasured", why } };
}
