import type { CheckFinding } from "../dns/index.ts";
import { knownServices } from "./known-services.ts";
import type { ReportSource } from "./report-sources.ts";
import {
  failedOf,
  isGuardedBy,
  isStranger,
  type SettledSource,
  sourceName,
  stillSettled,
} from "./settled-sources.ts";

/** How the keys of findings about reports begin. */
export const reportFindingPrefix = "reported-";

export type ReportFindingKind =
  | "reported-stranger"
  | "reported-own-failure"
  | "reported-service"
  | "reported-tls";

/** What receivers reported of a domain over some days. */
export interface ReportFigures {
  readonly domain: string;
  readonly days: number;
  /** What receivers do by the policy that they last found; null where none told one. */
  readonly policy: string | null;
  readonly messages: number;
  readonly sources: readonly ReportSource[];
  /** Strangers of whom a person has said that nothing is to be done. */
  readonly settled: readonly SettledSource[];
  readonly tls: {
    readonly sessions: number;
    readonly failures: readonly {
      readonly type: string;
      readonly sessions: number;
      readonly hosts: readonly string[];
      /** Who reported it. */
      readonly reporters: readonly string[];
      /** What they say of it in words of their own. */
      readonly reasons: readonly string[];
    }[];
  };
}

// Below these a letter that was forwarded, or one try of a stranger, would be called a trouble.
const volumeMin = { stranger: 50, service: 10, own: 10, tls: 5 } as const;
const shareMin = { stranger: 0.05, own: 0.05, tls: 0.01 } as const;
const evidenceMax = 8;

/** What somebody should know of the reports. Too few messages say nothing. */
export function judgeReports(figures: ReportFigures): CheckFinding<ReportFindingKind>[] {
  return [
    ...ownFailures(figures),
    ...serviceFailures(figures),
    ...strangers(figures),
    ...tlsFailures(figures),
  ];
}

function ownFailures({ domain, days, policy, sources }: ReportFigures): CheckFinding<ReportFindingKind>[] {
  return sources.flatMap((source) => {
    const { origin, sourceIp, messages } = source;
    const failed = failedOf(source);
    if (origin.kind !== "ours" || origin.via === "passed-on") return [];
    if (failed < volumeMin.own || failed < messages * shareMin.own) return [];
    const isRefused = isGuardedBy(policy);
    const who = origin.name ?? sourceIp ?? "one of your servers";
    return [
      {
        kind: "reported-own-failure",
        severity: isRefused ? "error" : "warning",
        about: `${domain} ${sourceIp ?? who}`,
        sentence: `Receivers say that mail of ${domain} from ${who} does not prove its sender: ${failed} of ${messages} messages in ${days} days.`,
        evidence: [evidenceOf(source)],
        why: isRefused
          ? `The policy of ${domain} is ${policy}, so receivers put such mail aside or refuse it.`
          : "Gmail and Yahoo refuse mail that proves nothing, and it weighs against the domain everywhere.",
        fix:
          origin.via === "smarthost"
            ? "Check the domain's records, and let the smarthost sign with the domain or take over the signature of the server."
            : "Check the domain's records: the DKIM key that the server signs with must be published, and SPF must name the address.",
      },
    ];
  });
}

function serviceFailures({ domain, days, sources }: ReportFigures): CheckFinding<ReportFindingKind>[] {
  return sources.flatMap((source) => {
    const { origin } = source;
    const failed = failedOf(source);
    if (origin.kind !== "service" || !origin.isExpected || failed < volumeMin.service) return [];
    const { title } = knownServices[origin.service];
    return [
      {
        kind: "reported-service",
        severity: "warning",
        about: `${domain} ${origin.service} ${source.sourceIp ?? ""}`.trim(),
        sentence: `${title} sends for ${domain} without proving it: ${failed} of ${source.messages} messages in ${days} days.`,
        evidence: [evidenceOf(source)],
        why: "An entry in SPF is not enough where the service uses its own envelope sender: then only its DKIM signature with your domain counts.",
        fix: `Switch on DKIM for ${domain} at ${title}, and publish the records that it names.`,
      },
    ];
  });
}

/** One for all of them: those who forge a domain change their addresses by the hour. What is settled is none of them. */
function strangers(figures: ReportFigures): CheckFinding<ReportFindingKind>[] {
  const { domain, days, messages, sources, policy } = figures;
  const settled = stillSettled(figures, figures.settled);
  const unknown = sources.filter((source) => isStranger(source) && !settled.has(sourceName(source)));
  const failed = unknown.reduce((sum, source) => sum + failedOf(source), 0);
  if (failed < volumeMin.stranger || failed < messages * shareMin.stranger) return [];
  const isGuarded = isGuardedBy(policy);
  return [
    {
      kind: "reported-stranger",
      severity: "warning",
      about: domain,
      sentence: `${failed} messages in the name of ${domain} came from ${unknown.length} sources that are not known here and prove nothing (${days} days, ${messages} messages in all).`,
      evidence: unknown.slice(0, evidenceMax).map(evidenceOf),
      why: isGuarded
        ? "The domain asks receivers to put these aside or to refuse them; the report says of each source what they did. If one of the sources is a service of yours, its mail is at stake."
        : "Receivers deliver them: whoever forges this domain is believed, and its name suffers.",
      fix: isGuarded
        ? "Look through the sources: let a service of yours sign with the domain. The others are forgeries: say so below, and they are counted no more."
        : "Look through the sources: let a service of yours sign with the domain, then raise the DMARC policy to quarantine or reject.",
    },
  ];
}

function tlsFailures({ domain, days, tls }: ReportFigures): CheckFinding<ReportFindingKind>[] {
  return tls.failures.flatMap(({ type, sessions, hosts, reporters, reasons }) => {
    if (sessions < volumeMin.tls || sessions < tls.sessions * shareMin.tls) return [];
    return [
      {
        kind: "reported-tls",
        severity: "warning",
        about: `${domain} ${type}`,
        sentence: `Senders could not encrypt mail to ${domain} as its policy demands (${type}): ${sessions} of ${tls.sessions} sessions in ${days} days.`,
        evidence: [
          `${sessions} of ${tls.sessions} sessions failed with “${type}” in ${days} days${hosts.length > 0 ? `, at ${listed(hosts)}` : ""}`,
          ...(reporters.length > 0 ? [`reported by ${listed(reporters)}`] : []),
          ...reasons.slice(0, evidenceMax).map((reason) => `in their words: ${reason}`),
        ],
        why: "Senders that heed MTA-STS or DANE hold such mail back, and give it up after some days.",
        fix: tlsFixes[type] ?? "Check the server's certificate, its TLSA records and the MTA-STS policy.",
      },
    ];
  });
}

function listed(names: readonly string[]): string {
  const more = names.length - evidenceMax;
  return `${names.slice(0, evidenceMax).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** By the result types of RFC 8460 §4.3. */
const tlsFixes: Readonly<Record<string, string>> = {
  "starttls-not-supported":
    "See whether something between the world and port 25 of the server takes STARTTLS away, such as a firewall with mail inspection.",
  "certificate-host-mismatch":
    "Get a certificate that names the host to which MX leads, and see that it is the one served on port 25.",
  "certificate-expired": "Get a new certificate for the server, and see why it was not renewed.",
  "certificate-not-trusted": "Get a certificate from an authority that the world trusts.",
  "validation-failure": "Check the server's certificate and its TLSA records.",
  "tlsa-invalid": "Publish TLSA records that match the key of the server.",
  "dnssec-invalid": "Check the signatures of the zone in which the server's name lies.",
  "dane-required": "Publish TLSA records for every host to which MX leads.",
  "sts-policy-fetch-error": "See that the MTA-STS policy is served over HTTPS under mta-sts and the domain.",
  "sts-policy-invalid": "Check the MTA-STS policy that is served.",
  "sts-webpki-invalid": "Get a certificate for the name under which the MTA-STS policy is served.",
};

function evidenceOf(source: ReportSource): string {
  const { sourceIp, messages, passed, dkimAligned, spfAligned, seenDomains, rejected, quarantined } = source;
  return [
    `${sourceIp ?? "unknown address"}: ${messages} messages, ${passed} pass (DKIM ${dkimAligned}, SPF ${spfAligned})`,
    ...(rejected + quarantined > 0 ? [`${rejected} refused, ${quarantined} put aside`] : []),
    ...(seenDomains.length > 0 ? [`seen: ${seenDomains.join(", ")}`] : []),
  ].join("; ");
}
