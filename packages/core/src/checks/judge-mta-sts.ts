import type { CheckFinding } from "../dns/index.ts";
import { isCovered, parseMtaStsPolicy } from "./mta-sts-policy.ts";

export type MtaStsFindingKind =
  | "mta-sts-unreachable"
  | "mta-sts-served-wrong"
  | "mta-sts-policy"
  | "mta-sts-mx"
  | "mta-sts-id"
  | "mta-sts-short";

type Finding = CheckFinding<MtaStsFindingKind>;

/** What came back from the policy's address. */
export type FetchedPolicy =
  | { kind: "answered"; status: number; contentType: string | null; location: string | null; text: string }
  /** No address, no connection, or a certificate that does not hold for the name. */
  | { kind: "failed"; problem: string };

export interface MtaStsFacts {
  domain: string;
  /** The id in the TXT record under _mta-sts. */
  id: string;
  fetched: FetchedPolicy;
  /** Every mail host of the domain; null when nobody could be asked. */
  mailHosts: readonly string[] | null;
  /** What was seen by the check before, to tell a changed policy with an old id. */
  before: { id: string; policyText: string } | null;
}

// RFC 8461 §3.2 asks for weeks; below a day a policy protects nobody who writes rarely.
const shortS = 86_400;

/** Judges the policy that a domain publishes over HTTPS (RFC 8461 §3.2, §3.3). */
export function judgeMtaSts(facts: MtaStsFacts): Finding[] {
  const { domain, fetched } = facts;
  const url = `https://mta-sts.${domain}/.well-known/mta-sts.txt`;
  if (fetched.kind === "failed")
    return [
      {
        kind: "mta-sts-unreachable",
        about: domain,
        severity: "warning",
        sentence: `The MTA-STS policy of ${domain} cannot be fetched.`,
        evidence: [`${url}: ${fetched.problem}`],
        why: "Senders that know no policy yet deliver without protection, and those that know the last one cannot learn a new one.",
        fix: `Serve the policy at ${url} with a certificate for mta-sts.${domain}, or remove the TXT record at _mta-sts.${domain}.`,
      },
    ];
  const badlyServed = servedWrong(fetched);
  if (badlyServed !== null)
    return [
      {
        kind: "mta-sts-served-wrong",
        about: domain,
        severity: "warning",
        sentence: `The MTA-STS policy of ${domain} is not served as it must be: ${badlyServed}.`,
        evidence: [
          `${url}: HTTP ${fetched.status}, ${fetched.contentType ?? "no content type"}${fetched.location === null ? "" : `, to ${fetched.location}`}`,
        ],
        why: "Senders take such an answer for no policy at all (RFC 8461 §3.3).",
        fix: `Serve it at ${url} itself, with status 200 and the content type text/plain.`,
      },
    ];
  const read = parseMtaStsPolicy(fetched.text);
  if ("problem" in read)
    return [
      {
        kind: "mta-sts-policy",
        about: domain,
        severity: "warning",
        sentence: `The MTA-STS policy of ${domain} is not valid: ${read.problem}.`,
        evidence: fetched.text.split(/\r?\n/).slice(0, 20),
        why: "Senders take it for no policy at all.",
        fix: "Publish a policy that begins with version: STSv1 and has mode, mx and max_age.",
      },
    ];
  return [...uncovered(facts, read.policy), ...oldId(facts, fetched.text), ...short(facts, read.policy)];
}

function servedWrong({ status, contentType }: Extract<FetchedPolicy, { kind: "answered" }>): string | null {
  if (status >= 300 && status < 400) return "it redirects, which senders do not follow";
  if (status !== 200) return `the status is ${status} and not 200`;
  return /^text\/plain(\s*;|\s*$)/i.test(contentType ?? "") ? null : "its content type is not text/plain";
}

function uncovered(
  { domain, mailHosts }: MtaStsFacts,
  { mode, mx }: { mode: string; mx: readonly string[] },
): Finding[] {
  const missing = (mailHosts ?? []).filter((host) => !isCovered(host, mx));
  if (missing.length === 0 || mode === "none") return [];
  return [
    {
      kind: "mta-sts-mx",
      about: domain,
      severity: mode === "enforce" ? "error" : "warning",
      sentence: `The MTA-STS policy of ${domain} does not name ${missing.join(", ")}.`,
      evidence: [`MX: ${mailHosts?.join(", ")}`, `policy: ${mx.join(", ")}`],
      why:
        mode === "enforce"
          ? "Gmail, Outlook and others do not deliver to a host that the policy does not name."
          : "As soon as the policy is enforced, mail to this host is refused.",
      fix: "Add the host to the policy, and then change the id in the TXT record.",
      record: missing.map((host) => `mx: ${host}`).join("\n"),
    },
  ];
}

function oldId({ domain, id, before }: MtaStsFacts, text: string): Finding[] {
  if (before === null || before.id !== id || before.policyText === text) return [];
  return [
    {
      kind: "mta-sts-id",
      about: domain,
      severity: "warning",
      sentence: `The MTA-STS policy of ${domain} has changed, and the id in its TXT record has not.`,
      evidence: [`_mta-sts.${domain} TXT id=${id}`],
      why: "Senders fetch a policy anew only when the id changes, and go by the old one until it ends.",
      fix: `Give the TXT record at _mta-sts.${domain} a new id.`,
    },
  ];
}

function short({ domain }: MtaStsFacts, { mode, maxAgeS }: { mode: string; maxAgeS: number }): Finding[] {
  if (mode === "none" || maxAgeS >= shortS) return [];
  return [
    {
      kind: "mta-sts-short",
      about: domain,
      severity: "instruction",
      sentence: `Senders forget the MTA-STS policy of ${domain} after ${maxAgeS} seconds.`,
      evidence: [`max_age: ${maxAgeS}`],
      why: "A sender that has forgotten the policy can be led astray at its next message.",
      fix: "Set max_age to a week or more, like 604800, once the policy has proved right.",
    },
  ];
}
