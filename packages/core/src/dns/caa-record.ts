import type { AskingDns } from "./dns-lookup.ts";
import { different, type RecordJudgement, rightAsIs } from "./record-judgement.ts";

export interface CaaProperty {
  isCritical: boolean;
  tag: string;
  value: string;
}

/** The CAA records that hold for a name which has none of its own: those of the nearest name above (RFC 8659 §3). */
export type InheritedCaa =
  | { kind: "inherited"; name: string; values: readonly string[] }
  | { kind: "none" }
  | { kind: "failed"; problem: string };

/** RFC 8659 §4, RFC 9495, and what the authorities and the makers of marks agreed on. */
export const knownCaaTags = [
  "issue",
  "issuewild",
  "iodef",
  "issuemail",
  "issuevmc",
  "contactemail",
  "contactphone",
];

/** Judges whether the authority that we ask may issue, whoever else may; what the name inherits counts as well. */
export function judgeCaa(
  planned: string,
  values: readonly string[],
  inherited: InheritedCaa,
): RecordJudgement {
  const wanted = parseCaa(planned);
  const own = values.map(parseCaa);
  if (wanted.tag === "iodef") return own.some(({ tag }) => tag === "iodef") ? rightAsIs : { kind: "missing" };
  if (own.length > 0) {
    const problem = refusal(own, wanted.value);
    if (problem !== null) return different(problem);
    return own.some(({ tag }) => tag === "issue") ? rightAsIs : { kind: "missing" };
  }
  if (inherited.kind === "failed")
    return { kind: "unknown", why: `whether a rule is inherited could not be asked: ${inherited.problem}` };
  if (inherited.kind === "none") return { kind: "missing" };
  const above = inherited.values.map(parseCaa);
  const problem = refusal(above, wanted.value);
  if (problem !== null)
    return different(`${problem} (in the records of ${inherited.name}, which hold here too)`);
  return above.some(({ tag }) => tag === "issue")
    ? {
        kind: "ok",
        sentence: `The records of ${inherited.name} hold here too and let ${issuerOf(wanted.value)} issue.`,
      }
    : { kind: "missing" };
}

/** Looks for the CAA records that a name inherits. The name itself is not asked again. */
export function* inheritCaa(name: string): AskingDns<InheritedCaa> {
  const labels = name.split(".");
  for (let length = labels.length - 1; length > 0; length -= 1) {
    const above = labels.slice(-length).join(".");
    const answer = yield { name: above, type: "CAA" };
    if (answer.kind === "failed") return answer;
    if (answer.kind === "found" && answer.values.length > 0)
      return { kind: "inherited", name: above, values: answer.values };
  }
  return { kind: "none" };
}

/** Why the authority must refuse by these records, as a part of a sentence; null when it may issue. */
function refusal(properties: readonly CaaProperty[], wanted: string): string | null {
  const unknown = properties.find(({ isCritical, tag }) => isCritical && !knownCaaTags.includes(tag));
  if (unknown !== undefined)
    return `the property "${unknown.tag}" is marked as critical and unknown, so every authority must refuse`;
  const issues = properties.filter(({ tag }) => tag === "issue");
  if (issues.length === 0) return null;
  const issuer = issuerOf(wanted);
  const ours = issues.filter(({ value }) => issuerOf(value) === issuer);
  if (ours.length === 0) {
    const allowed = issues.map(({ value }) => issuerOf(value)).filter((one) => one !== "");
    return allowed.length === 0
      ? "nobody may issue certificates, so the host's cannot be renewed"
      : `only ${allowed.join(", ")} may issue certificates and not ${issuer}, so the host's cannot be renewed`;
  }
  const account = parameterOf(wanted, "accounturi");
  const ofAccount = ours.filter(({ value }) => {
    const allowed = parameterOf(value, "accounturi");
    return allowed === null || account === null || allowed === account;
  });
  if (ofAccount.length === 0)
    return `${issuer} may issue, but only to another account than ours (${account}), so the host's cannot be renewed`;
  const methods = methodsOf(wanted);
  const isMethodAllowed = ofAccount.some(({ value }) => {
    const allowed = methodsOf(value);
    return allowed === null || methods === null || methods.some((method) => allowed.includes(method));
  });
  return isMethodAllowed
    ? null
    : `${issuer} may issue, but by none of the methods that the host uses (${methods?.join(", ")})`;
}

/** Reads a CAA record as a zone file shows it: flags, tag, value in quotation marks. */
export function parseCaa(text: string): CaaProperty {
  const [, flags = "0", tag = "", value = ""] = /^\s*(\d+)\s+(\S+)\s+(.*)$/s.exec(text) ?? [];
  return {
    // RFC 8659 §4.1: the highest bit.
    isCritical: (Number(flags) & 128) !== 0,
    tag: tag.toLowerCase(),
    value: value.trim().replace(/^"(.*)"$/s, "$1"),
  };
}

function issuerOf(value: string): string {
  return (value.split(";")[0] ?? "").trim().toLowerCase();
}

/** RFC 8657 §4; null allows every method. */
function methodsOf(value: string): string[] | null {
  const found = parameterOf(value, "validationmethods");
  return found === null ? null : found.split(",").map((method) => method.trim().toLowerCase());
}

function parameterOf(value: string, name: string): string | null {
  for (const one of value.split(";").slice(1)) {
    const [tag = "", ...rest] = one.split("=");
    if (tag.trim().toLowerCase() === name) return rest.join("=").trim();
  }
  return null;
}
