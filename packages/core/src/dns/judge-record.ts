import { judgeValues, type RecordContext } from "./judge-values.ts";
import type { PlannedRecord } from "./planned-record.ts";
import { type RecordJudgement, rightAsIs } from "./record-judgement.ts";
import { spfCostProblem } from "./spf-cost.ts";
import { spfEvidence } from "./spf-record.ts";

/**
 * What one authoritative server said about a name; `values` are presentation texts, TXT strings joined. An alias is a
 * CNAME, and the servers of its target are asked and stand in the list as well. A server is lame when it does not
 * answer for the zone at all: then it shows receivers nothing either.
 */
export type NameServerAnswer = { nameServer: string; address: string } & (
  | { kind: "answered"; values: readonly string[]; ttlSeconds?: number }
  | { kind: "alias"; target: string }
  | { kind: "failed"; problem: string; isLame?: boolean }
);

/**
 * ok: every server gives what is needed. attention: what is needed stands there, and something that a person should
 * know. missing: none has such a record. different: a record stands there that does not serve. disagreeing: the
 * servers contradict each other, which is usual for a while after a change. unanswered: nobody who knows could be asked.
 */
export type RecordVerdictKind = "ok" | "attention" | "missing" | "different" | "disagreeing" | "unanswered";

export interface RecordVerdict {
  kind: RecordVerdictKind;
  /** One sentence for a person. */
  sentence: string;
  answers: readonly NameServerAnswer[];
  /** What else was found out on the way, a line each. */
  evidence?: readonly string[];
  /** What to publish instead of the plan's value, when that would take away what others need. */
  readyValue?: string;
  /** What would be wrong with the plan's value if it were published, in a sentence. */
  caution?: string;
  /** What it does to mail, in a sentence, where that is not what the record's absence does. */
  effect?: string;
}

/** Judges whether what the world answers serves the planned record; a record that is stricter than ours is right. */
export function judgeRecord(
  planned: PlannedRecord,
  answers: readonly NameServerAnswer[],
  context: RecordContext = {},
): RecordVerdict {
  const verdict = { answers, ...evidenceOf(context), ...cautionOf(context) };
  const heard = answers.filter((answer) => answer.kind === "answered");
  if (heard.length === 0) return { ...verdict, kind: "unanswered", sentence: silenceSentence(answers) };
  const judged = heard.map((answer) => ({
    server: answer.nameServer,
    judgement: judgeValues(planned, answer.values, context),
  }));
  const wrong = judged.filter(
    ({ judgement }) => judgement.kind === "missing" || judgement.kind === "different",
  );
  if (wrong.length > 0 && wrong.length < judged.length) {
    const late = [...new Set(wrong.map(({ server }) => server))];
    return {
      ...verdict,
      kind: "disagreeing",
      sentence: `Not on every name server yet: ${late.join(", ")} still ${late.length === 1 ? "answers" : "answer"} otherwise.`,
      effect: "Whoever asks one of these name servers does not find the record as it must be.",
    };
  }
  const worst = judged
    .map(({ judgement }) => judgement)
    .reduce((one, other) => (rank[other.kind] > rank[one.kind] ? other : one), rightAsIs);
  const effect = "effect" in worst && worst.effect !== undefined ? { effect: worst.effect } : {};
  switch (worst.kind) {
    case "ok": {
      const own = judged[0]?.judgement;
      const sentence = own?.kind === "ok" ? own.sentence : undefined;
      return { ...verdict, kind: "ok", sentence: sentence ?? okSentence(answers) };
    }
    case "missing":
      return { ...verdict, ...effect, kind: "missing", sentence: "This record is not published." };
    case "unknown":
      return { ...verdict, kind: "unanswered", sentence: sentenceOf(worst.why) };
    case "attention":
      return { ...verdict, ...effect, kind: "attention", sentence: sentenceOf(worst.why) };
    case "different": {
      const ready = worst.readyValue === undefined ? {} : { readyValue: worst.readyValue };
      return { ...verdict, ...effect, kind: "different", sentence: sentenceOf(worst.why), ...ready };
    }
  }
}

const rank: Record<RecordJudgement["kind"], number> = {
  ok: 0,
  attention: 1,
  unknown: 2,
  missing: 3,
  different: 4,
};

/**
 * Whether every receiver finds the record. A server that could not be asked may still show the old state to some, so
 * all must have answered; a lame one shows them nothing, and they ask the others.
 */
export function isSeenByAll({ kind, answers }: Pick<RecordVerdict, "kind" | "answers">): boolean {
  return kind === "ok" && answers.every((answer) => answer.kind !== "failed" || answer.isLame === true);
}

const agreement = ["The name server agrees", "Both name servers agree"];

/** A name server is one, however many addresses it was asked at. */
function okSentence(answers: readonly NameServerAnswer[]): string {
  const heard = namesOf(answers, ["answered"]);
  const asked = namesOf(answers, ["answered", "failed"]);
  if (heard < asked)
    return `${heard} of ${asked} name servers agree; the others gave no answer for this zone.`;
  const all = agreement[heard - 1] ?? `All ${heard} name servers agree`;
  const isWhole = answers.every(({ kind }) => kind !== "failed");
  return isWhole ? `${all}.` : `${all}, though not every address of theirs answered.`;
}

function namesOf(answers: readonly NameServerAnswer[], kinds: readonly NameServerAnswer["kind"][]): number {
  return new Set(answers.filter(({ kind }) => kinds.includes(kind)).map(({ nameServer }) => nameServer)).size;
}

function silenceSentence(answers: readonly NameServerAnswer[]): string {
  const why = answers.find((answer) => answer.kind === "failed");
  if (why !== undefined) return `No name server could be asked: ${why.problem}.`;
  const alias = answers.findLast((answer) => answer.kind === "alias");
  return alias === undefined
    ? "No name server was found to ask."
    : `The name is an alias (CNAME) of ${alias.target}, which leads nowhere.`;
}

function cautionOf({ plannedSpfCost }: RecordContext): { caution?: string } {
  const problem = plannedSpfCost === undefined ? null : spfCostProblem(plannedSpfCost);
  return problem === null ? {} : { caution: problem };
}

function evidenceOf({ spf = [], reportConsent = [] }: RecordContext): { evidence?: string[] } {
  const evidence = [
    ...spf.flatMap(spfEvidence),
    ...reportConsent.filter(({ kind }) => kind === "missing").map(({ readyLine }) => readyLine),
  ];
  return evidence.length === 0 ? {} : { evidence };
}

/** A name or a tag at the start keeps its letters. */
function sentenceOf(why: string): string {
  const sentence = /^[a-z]+[ ,]/.test(why) ? `${why.charAt(0).toUpperCase()}${why.slice(1)}` : why;
  return `${sentence}.`;
}
