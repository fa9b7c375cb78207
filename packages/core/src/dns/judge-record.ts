import { dkimRecordProblem } from "./dkim-record.ts";
import type { PlannedRecord } from "./planned-record.ts";
import { expandIpv6 } from "./reverse-name.ts";
import { spfProblem } from "./spf-record.ts";
import { tagList } from "./tag-list.ts";

/** What one authoritative server said about a name; `values` are presentation texts, TXT strings joined. */
export type NameServerAnswer = { nameServer: string; address: string } & (
  | { kind: "answered"; values: readonly string[] }
  | { kind: "failed"; problem: string }
);

/**
 * ok: every server gives what is needed. missing: none has such a record. different: a record stands there that does
 * not serve. disagreeing: the servers contradict each other, which is usual for a while after a change.
 * unanswered: no server could be asked, so nothing is known.
 */
export type RecordVerdictKind = "ok" | "missing" | "different" | "disagreeing" | "unanswered";

export interface RecordVerdict {
  kind: RecordVerdictKind;
  /** One sentence for a person. */
  sentence: string;
  answers: readonly NameServerAnswer[];
}

/** Judges whether what the world answers serves the planned record; a record that is stricter than ours is right. */
export function judgeRecord(planned: PlannedRecord, answers: readonly NameServerAnswer[]): RecordVerdict {
  const heard = answers.filter((answer) => answer.kind === "answered");
  if (heard.length === 0) {
    const why = answers.find((answer) => answer.kind === "failed");
    return {
      kind: "unanswered",
      sentence:
        why === undefined
          ? "No name server was found to ask."
          : `No name server could be asked: ${why.problem}.`,
      answers,
    };
  }
  const problems = heard.map((answer) => ({ answer, problem: problemOf(planned, answer.values) }));
  const wrong = problems.filter(({ problem }) => problem !== null);
  if (wrong.length === 0) return { kind: "ok", sentence: okSentence(heard.length, answers.length), answers };
  if (wrong.length < problems.length) {
    const servers = wrong.map(({ answer }) => answer.nameServer).join(", ");
    return {
      kind: "disagreeing",
      sentence: `Not on every name server yet: ${servers} still answers otherwise.`,
      answers,
    };
  }
  const first = wrong[0]?.problem;
  if (first === "missing") return { kind: "missing", sentence: "This record is not published.", answers };
  return { kind: "different", sentence: `${capitalised(first ?? "")}.`, answers };
}

const agreement = ["The name server agrees.", "Both name servers agree."];

function okSentence(heard: number, asked: number): string {
  if (heard === asked) return agreement[heard - 1] ?? `All ${heard} name servers agree.`;
  return `${heard} of ${asked} name servers agree; the others did not answer.`;
}

function problemOf(planned: PlannedRecord, values: readonly string[]): string | null {
  switch (planned.purpose) {
    case "mx":
      return mxProblem(planned.value, values);
    case "spf":
      return spfProblem({ name: planned.name, sendsBy: "mx" }, values);
    case "host-spf":
      return spfProblem({ name: planned.name, sendsBy: "a" }, values);
    case "dkim": {
      const records = values.filter((value) => /(^|;)\s*p\s*=/.test(value));
      if (records.length === 0)
        return values.length === 0 ? "missing" : "a TXT record stands here, but it holds no key";
      if (records.length > 1)
        return "several keys are published under this one name, so receivers cannot choose";
      return dkimRecordProblem(records[0] ?? "", planned.value);
    }
    case "dmarc":
      return dmarcProblem(values);
    case "host-address":
      if (values.length === 0) return "missing";
      return values.some((value) => sameAddress(value, planned.value))
        ? null
        : `the name leads to ${values.join(", ")} and not to ${planned.value}`;
    case "reverse":
      if (values.length === 0) return "missing";
      return values.some((value) => sameName(value, planned.value))
        ? null
        : `the address leads back to ${values.join(", ")} and not to ${planned.value}`;
  }
}

function mxProblem(planned: string, values: readonly string[]): string | null {
  if (values.length === 0) return "missing";
  const host = planned.split(" ")[1] ?? "";
  const hosts = values.map((value) => value.trim().split(/\s+/)[1] ?? "");
  if (hosts.some((found) => sameName(found, host))) return null;
  return `mail for this domain goes to ${hosts.map(withoutDot).join(", ")} and not to ${host}`;
}

function dmarcProblem(values: readonly string[]): string | null {
  const records = values.filter((value) => /^v\s*=\s*DMARC1\s*(;|$)/.test(value));
  if (records.length === 0)
    return values.length === 0 ? "missing" : "a TXT record stands here, but it does not start with v=DMARC1";
  if (records.length > 1) return "two DMARC records are published, so receivers ignore both";
  const policy = tagList(records[0] ?? "")
    .get("p")
    ?.toLowerCase();
  if (policy === undefined || !["none", "quarantine", "reject"].includes(policy))
    return "the DMARC record has no valid policy (p=none, p=quarantine or p=reject)";
  return null;
}

function sameName(left: string, right: string): boolean {
  return withoutDot(left).toLowerCase() === withoutDot(right).toLowerCase();
}

function withoutDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}

function sameAddress(left: string, right: string): boolean {
  if (left.includes(":") !== right.includes(":")) return false;
  return left.includes(":") ? expandIpv6(left) === expandIpv6(right) : left === right;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
