import type { ReportConsent } from "./dmarc-reports.ts";
import type { AskingDns } from "./dns-lookup.ts";
import {
  attention,
  different,
  isQuoted,
  quotedWhy,
  type RecordJudgement,
  rightAsIs,
} from "./record-judgement.ts";
import { tagList } from "./tag-list.ts";

const policies = ["none", "quarantine", "reject"] as const;
export type DmarcPolicy = (typeof policies)[number];

/** What holds for a domain that publishes no DMARC record of its own. */
export type InheritedDmarc =
  | { kind: "inherited"; name: string; record: string }
  | { kind: "none" }
  | { kind: "failed"; problem: string };

// RFC 9989 §4.10: names with more labels are shortened to one fewer than these after the first question.
const treeWalkQueriesMax = 8;

/** Judges the DMARC records of a domain; without any, those that it inherits count. */
export function judgeDmarc(
  values: readonly string[],
  inherited: InheritedDmarc,
  reportConsent: readonly ReportConsent[] = [],
): RecordJudgement {
  const records = values.filter(isDmarc);
  const [record] = records;
  if (records.length > 1) return different("two DMARC records are published, so receivers ignore both");
  if (record !== undefined) {
    const judgement = judgePolicy(record);
    return judgement.kind === "ok" ? judgeConsent(reportConsent) : judgement;
  }
  if (values.some((value) => isQuoted(value, isDmarc))) return different(quotedWhy);
  const miswritten = values.find((value) => /^\s*v\s*=\s*dmarc1/i.test(value));
  if (miswritten !== undefined)
    return different(
      'the record does not start with "v=DMARC1;" in exactly these letters, so receivers ignore it',
    );
  if (inherited.kind === "failed")
    return { kind: "unknown", why: `whether a policy is inherited could not be asked: ${inherited.problem}` };
  if (inherited.kind === "inherited") return judgeInherited(inherited);
  return values.length === 0
    ? { kind: "missing" }
    : different("a TXT record stands here, but it does not start with v=DMARC1");
}

/** What receivers do with forged mail by these records; null when none of them holds. */
export function receiverPolicy(values: readonly string[], inherited: InheritedDmarc): DmarcPolicy | null {
  const [record, ...others] = values.filter(isDmarc);
  if (others.length > 0) return null;
  if (record === undefined && inherited.kind !== "inherited") return null;
  const tags = tagsOf(record ?? (inherited.kind === "inherited" ? inherited.record : ""));
  const declared = effectivePolicy(
    tags,
    record === undefined ? (tags.get("sp") ?? tags.get("p")) : tags.get("p"),
  );
  return declared === null ? null : applied(declared, tags);
}

/**
 * Looks for the record that a domain without one inherits: from its organisational domain, found by walking up the
 * tree, else from the public suffix above that (RFC 9989 §4.10). The domain's own name is not asked again.
 */
export function* inheritDmarc(domain: string): AskingDns<InheritedDmarc> {
  const labels = domain.split(".");
  const longest = Math.min(labels.length, treeWalkQueriesMax) - 1;
  let highest: InheritedDmarc = { kind: "none" };
  for (let length = longest; length > 0; length -= 1) {
    const name = `_dmarc.${labels.slice(-length).join(".")}`;
    const answer = yield { name, type: "TXT" };
    if (answer.kind === "failed") return answer;
    const records = answer.kind === "found" ? answer.values.filter(isDmarc) : [];
    if (records.length !== 1 || records[0] === undefined) continue;
    const found = { kind: "inherited", name, record: records[0] } as const;
    const psd = tagsOf(records[0]).get("psd")?.toLowerCase();
    if (psd === "n") return found;
    // The organisational domain is the one just below a public suffix.
    if (psd === "y") return isJustBelow(highest, name) ? highest : found;
    highest = found;
  }
  return highest;
}

function judgePolicy(record: string): RecordJudgement {
  const tags = tagsOf(record);
  const policy = effectivePolicy(tags, tags.get("p"));
  if (policy === null)
    return different("the DMARC record has no valid policy (p=none, p=quarantine or p=reject)");
  if (tags.get("psd")?.toLowerCase() === "y")
    return attention("psd=y says that this domain is a registry under which others register, like co.uk");
  if (policy === "none")
    return attention("p=none asks receivers for reports and nothing else; they still deliver forged mail");
  if (isTest(tags))
    return attention(
      `${tags.has("t") ? "t=y" : "pct=0"} says that this is a test, so receivers apply ${weaker[policy]} and not ${policy}`,
    );
  return rightAsIs;
}

function judgeInherited({ name, record }: { name: string; record: string }): RecordJudgement {
  const tags = tagsOf(record);
  const declared = effectivePolicy(tags, tags.get("sp") ?? tags.get("p"));
  if (declared === null) return { kind: "missing" };
  const policy = applied(declared, tags);
  return policy === "none"
    ? attention(`the record of ${name} holds here too, and it asks receivers to do nothing`)
    : {
        kind: "ok",
        sentence: `The record of ${name} holds here too: receivers ${doing[policy]} forged mail.`,
      };
}

/** Under a test receivers apply the policy one step weaker (RFC 9989 §4.7). */
function applied(declared: DmarcPolicy, tags: ReadonlyMap<string, string>): DmarcPolicy {
  return isTest(tags) ? weaker[declared] : declared;
}

/** Before there was a tag for it, pct=0 said the same, and many receivers still go by that (RFC 7489 §6.6.4). */
function isTest(tags: ReadonlyMap<string, string>): boolean {
  const test = tags.get("t")?.toLowerCase();
  return test === undefined ? /^0+$/.test(tags.get("pct") ?? "") : test === "y";
}

function judgeConsent(reportConsent: readonly ReportConsent[]): RecordJudgement {
  const refusing = reportConsent.filter(({ kind }) => kind === "missing").map(({ receiver }) => receiver);
  return refusing.length === 0
    ? rightAsIs
    : attention(
        `${refusing.join(", ")} has not agreed to take reports about this domain, so none are sent there; the record that it must publish stands below`,
      );
}

const weaker = { none: "none", quarantine: "none", reject: "quarantine" } as const;
const doing = { quarantine: "put aside", reject: "refuse" } as const;

/** RFC 9989 §4.10.1: what is no policy counts as p=none where reports are wanted, else as no record. */
function effectivePolicy(tags: ReadonlyMap<string, string>, wanted: string | undefined): DmarcPolicy | null {
  const isValid = (value: string | undefined) => policyOf(value) !== null;
  const hasBadTag = ["sp", "np"].some((name) => tags.has(name) && !isValid(tags.get(name)));
  if (isValid(tags.get("p")) && !hasBadTag) return policyOf(wanted);
  return hasReportAddress(tags.get("rua")) ? "none" : null;
}

function policyOf(value: string | undefined): DmarcPolicy | null {
  return policies.find((policy) => policy === value?.toLowerCase()) ?? null;
}

function hasReportAddress(rua: string | undefined): boolean {
  return (rua ?? "").split(",").some((uri) => /^[a-z][a-z0-9+.-]*:[^\s,]+$/i.test(uri.trim()));
}

/** The version comes first, and its value counts to the letter (RFC 9989 §4.7). */
export function isDmarc(value: string): boolean {
  return /^[vV][ \t]*=[ \t]*DMARC1[ \t]*(;|$)/.test(value);
}

/** Tags under names in small letters, because DMARC does not tell capitals apart there. */
export function tagsOf(record: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const [name, value] of tagList(record))
    if (!tags.has(name.toLowerCase())) tags.set(name.toLowerCase(), value);
  return tags;
}

function isJustBelow(below: InheritedDmarc, name: string): boolean {
  if (below.kind !== "inherited") return false;
  const labels = (of: string) => of.split(".").length;
  return labels(below.name) === labels(name) + 1;
}
