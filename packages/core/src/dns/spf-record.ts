import { type SpfEvaluation, spfLimits } from "./evaluate-spf.ts";
import type { PlannedRecord } from "./planned-record.ts";
import {
  attention,
  different,
  isQuoted,
  quotedWhy,
  type RecordJudgement,
  rightAsIs,
} from "./record-judgement.ts";
import { parseSpf, type SpfTermList, spfRecordsOf } from "./spf-terms.ts";

/** An SPF record that some name server shows, with what it means for each address that sends in its name. */
export interface EvaluatedSpf {
  record: string;
  evaluations: readonly SpfEvaluation[];
  /** The same for an address from which nobody sends: it meets every term. */
  stranger?: SpfEvaluation;
  /** Whether mail also leaves through a smarthost, whose addresses nobody here knows. */
  isRelayed: boolean;
}

/** From a range that nobody has (RFC 5737). */
export const strangerAddress = "203.0.113.254";

/**
 * Judges the SPF records at a name by whether every address of its servers passes. A record whose senders are not
 * known yet is only called right when it is the planned one.
 */
export function judgeSpf(
  planned: PlannedRecord,
  values: readonly string[],
  evaluated: readonly EvaluatedSpf[],
): RecordJudgement {
  const records = spfRecordsOf(values);
  const [record] = records;
  if (record === undefined)
    return values.some((value) => isQuoted(value, isSpf)) ? different(quotedWhy) : { kind: "missing" };
  // RFC 7208 §4.5: more than one record is a permanent error for every message.
  if (records.length > 1)
    return different("two SPF records are published, which makes SPF fail for every message");
  const terms = parseSpf(record);
  if (terms.kind === "invalid")
    return different(`${terms.problem}, and one such term makes SPF fail for every message`);
  const open = terms.directives.find(isOpen);
  if (open !== undefined) return different(`"${open.text}" lets the whole world send in this domain's name`);
  const {
    evaluations = [],
    isRelayed = false,
    stranger,
  } = evaluated.find((one) => one.record === record) ?? {};
  if (stranger?.result === "pass")
    return different(`"${stranger.path.join(" → ")}" lets the whole world send in this domain's name`);
  const missing = withoutSmarthosts(planned, { record, terms });
  if (evaluations.length === 0) {
    if (missing !== null) return missing;
    if (record === planned.value && (!isRelayed || planned.smarthosts?.areAllKnown === true))
      return rightAsIs;
    const why = isRelayed
      ? "this mail leaves through a smarthost, whose addresses are not known here, so whether it passes is not known"
      : "no address of its server is known yet, so whether it may send is not known";
    return { kind: "unknown", why };
  }
  const judgements = evaluations.map((evaluation) => judgeEvaluation(planned, { record, terms }, evaluation));
  const worst = (["different", "unknown", "attention"] as const)
    .map((kind) => judgements.find((judgement) => judgement.kind === kind))
    .find((judgement) => judgement !== undefined);
  if (worst !== undefined) return worst;
  if (missing !== null) return missing;
  if (stranger?.result === "permerror")
    return attention(
      `your servers pass, but for others that it lets send receivers cannot evaluate it: ${stranger.problem}`,
    );
  // RFC 7208 §4.7: what no term matches is neutral, as if nothing were published.
  if (terms.redirect === null && !terms.directives.some(isClosing))
    return attention('its record does not end with "-all" or "~all", so it protects nothing');
  return rightAsIs;
}

/** What each address may do by a record, as lines of evidence. */
export function spfEvidence({ evaluations }: EvaluatedSpf): string[] {
  return evaluations.map(({ address, result, path, lookups, voidLookups, problem }) => {
    const why = problem === null ? (path.length === 0 ? "no term matches" : path.join(" → ")) : problem;
    const spent = `${lookups} of ${spfLimits.lookups} look-ups, ${voidLookups} of ${spfLimits.voidLookups} in vain`;
    return `${address}: ${result} (${why}; ${spent})`;
  });
}

function judgeEvaluation(
  planned: PlannedRecord,
  { record, terms }: { record: string; terms: SpfTermList },
  { address, result, path, problem }: SpfEvaluation,
): RecordJudgement {
  const lacking = lackingTerms(planned.value, terms);
  switch (result) {
    case "pass":
      return rightAsIs;
    case "temperror":
      return { kind: "unknown", why: `whether ${address} may send could not be asked: ${problem}` };
    case "permerror":
      return different(`receivers cannot evaluate this SPF record for ${address}: ${problem}`);
    default: {
      if (lacking.length === 0)
        return attention(
          `this record is right, but ${address} does not pass until the records that it leads to are right as well`,
        );
      const decided = path.length === 0 ? "no term names it" : `${path.join(" → ")} decides`;
      return {
        kind: "different",
        why: `mail from ${address} does not pass SPF (${result}: ${decided})`,
        readyValue: withTerms(record, lacking),
      };
    }
  }
}

/** What to say of a record that leaves out a service through which the domain's mail may leave; null when it has all. */
function withoutSmarthosts(
  { smarthosts }: PlannedRecord,
  { record, terms }: { record: string; terms: SpfTermList },
): RecordJudgement | null {
  const named = terms.directives.map(({ text }) => text.replace(/^[+?~]/, "").toLowerCase());
  const lacking = (smarthosts?.includes ?? [])
    .map((name) => `include:${name}`)
    .filter((term) => !named.includes(term));
  if (lacking.length === 0) return null;
  return {
    kind: "different",
    why: `mail that leaves through a smarthost does not pass SPF: the record has no ${lacking.join(" and no ")}`,
    readyValue: withTerms(record, lacking),
  };
}

/** The terms by which the planned record lets our servers send, as far as the published one does not have them. */
function lackingTerms(planned: string, published: SpfTermList): string[] {
  const wanted = parseSpf(planned);
  if (wanted.kind === "invalid") return [];
  const has = (text: string) =>
    published.directives.some(
      (one) => one.qualifier === "pass" && one.text.replace(/^\+/, "").toLowerCase() === text.toLowerCase(),
    );
  return wanted.directives
    .filter(({ qualifier, text }) => qualifier === "pass" && !has(text))
    .map(({ text }) => text);
}

/** The record with our terms first, so that whoever else may send still may. */
function withTerms(record: string, terms: readonly string[]): string {
  return [record.slice(0, "v=spf1".length), ...terms, record.slice("v=spf1".length).trim()]
    .filter((part) => part !== "")
    .join(" ");
}

function isSpf(text: string): boolean {
  return spfRecordsOf([text]).length > 0;
}

function isOpen({ mechanism, qualifier }: { mechanism: string; qualifier: string }): boolean {
  return mechanism === "all" && qualifier === "pass";
}

function isClosing({ mechanism, qualifier }: { mechanism: string; qualifier: string }): boolean {
  return mechanism === "all" && (qualifier === "fail" || qualifier === "softfail");
}
