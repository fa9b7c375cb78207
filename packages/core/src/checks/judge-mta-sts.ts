import type { CheckFinding } from "../dns/index.ts";
import { dayWords } from "../text/index.ts";
import { isCovered, parseMtaStsPolicy } from "./mta-sts-policy.ts";

export type MtaStsFindingKind =
  | "mta-sts-unreachable"
  | "mta-sts-served-wrong"
  | "mta-sts-policy"
  | "mta-sts-mx"
  | "mta-sts-id"
  | "mta-sts-short"
  | "mta-sts-order"
  | "mta-sts-certificate";

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
  before: SeenPolicy | null;
  /** Mail hosts of which it is known that strangers do not trust their certificates. */
  untrustedHosts?: readonly string[];
}

/** What is kept of a policy for the next check: it may change under its old id, leave out a mode, or vanish. */
export interface SeenPolicy {
  id: string;
  policyText: string;
  /** The first one that was read under this id, when it is another: the id ought to have changed with it. */
  firstText?: string;
  /** When it was last read, as ISO 8601; left out in checks from before that was kept. */
  seenAt?: string;
  /** Whether it was seen in testing before it was enforced; left out while nobody saw it come. */
  wasTested?: boolean;
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
  return [
    ...uncovered(facts, read.policy),
    ...untrusted(facts, read.policy),
    ...untested(facts, read.policy),
    ...oldId(facts, fetched.text),
    ...short(facts, read.policy),
  ];
}

/** Judges that a domain announces no policy any more: senders that remember an enforced one go by it until it ends. */
export function judgeVanishedMtaSts(domain: string, before: SeenPolicy | null, now: Date): Finding[] {
  const until = enforcedUntil(before);
  if (until === null || until <= now) return [];
  const day = dayWords(until);
  return [
    {
      kind: "mta-sts-order",
      about: domain,
      severity: "warning",
      sentence: `The MTA-STS policy of ${domain} is gone, though it was enforced.`,
      evidence: [`_mta-sts.${domain} TXT nothing`, `policy before: enforce, remembered until ${day}`],
      why: `Senders that remember the policy go by it until ${day}, and hold mail back for hosts that it does not name.`,
      fix: `Publish the policy again, take it to testing and to none, and remove it once senders have heard of that.`,
    },
  ];
}

function enforcedUntil(before: SeenPolicy | null): Date | null {
  const read = before === null ? null : parseMtaStsPolicy(before.policyText);
  if (read === null || "problem" in read || read.policy.mode !== "enforce") return null;
  return before?.seenAt === undefined
    ? null
    : new Date(new Date(before.seenAt).getTime() + read.policy.maxAgeS * 1000);
}

/** What to keep of a policy that was read; a text that is none leaves what was known. */
export function rememberPolicy(
  seen: { id: string; policyText: string; at: Date },
  before: SeenPolicy | null,
): SeenPolicy | null {
  const { id, policyText, at } = seen;
  if (modeOf(policyText) === null) return before;
  const wasTested = wasTestedBefore(policyText, before);
  const firstText = before?.id === id ? firstTextOf(before) : policyText;
  return {
    id,
    policyText,
    seenAt: at.toISOString(),
    ...(firstText === policyText ? {} : { firstText }),
    ...(wasTested === undefined ? {} : { wasTested }),
  };
}

function firstTextOf({ firstText, policyText }: SeenPolicy): string {
  return firstText ?? policyText;
}

function modeOf(text: string): string | null {
  const read = parseMtaStsPolicy(text);
  return "problem" in read ? null : read.policy.mode;
}

function wasTestedBefore(text: string, before: SeenPolicy | null): boolean | undefined {
  const mode = modeOf(text);
  if (mode === "testing") return true;
  if (mode === "none") return false;
  return before === null ? undefined : before.wasTested;
}

function untested({ domain, before }: MtaStsFacts, { mode }: { mode: string }): Finding[] {
  if (mode !== "enforce" || before?.wasTested !== false) return [];
  return [
    {
      kind: "mta-sts-order",
      about: domain,
      severity: "warning",
      sentence: `The MTA-STS policy of ${domain} went to enforce without testing.`,
      evidence: ["mode: enforce", "mode before: none"],
      why: "In testing senders deliver and report what they would hold back; now they hold it back.",
      fix: "Take the policy to testing, give its record a new id, and enforce it when no sender reports a failure.",
    },
  ];
}

function untrusted(
  { domain, mailHosts, untrustedHosts = [] }: MtaStsFacts,
  { mode }: { mode: string },
): Finding[] {
  const found = untrustedHosts.filter((host) => mailHosts === null || mailHosts.includes(host));
  if (mode !== "enforce" || found.length === 0) return [];
  return [
    {
      kind: "mta-sts-certificate",
      about: domain,
      severity: "error",
      sentence: `MTA-STS of ${domain} is enforced, and nobody outside trusts the certificate of ${found.join(", ")}.`,
      evidence: ["mode: enforce", ...found.map((host) => `${host}: no trusted certificate for this name`)],
      why: "Gmail, Outlook and others deliver nothing to a host that cannot prove its name.",
      fix: "Get a certificate of a public authority for the host; until then take MTA-STS to testing.",
    },
  ];
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
  if (before === null || before.id !== id || firstTextOf(before) === text) return [];
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
