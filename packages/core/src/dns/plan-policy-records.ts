import { mtaStsPolicy } from "./mta-sts-policy.ts";
import { webName } from "./plan-client-records.ts";
import { mxHosts } from "./plan-domain-records.ts";
import type { PlannedRecord } from "./planned-record.ts";
import type { BimiWishes, PlannedServer, RecordPlanInput } from "./record-plan-input.ts";
import { reportUri } from "./report-address.ts";

/** Tells senders to insist on encryption (RFC 8461): only once a server serves the policy, else they would find none. */
export function mtaStsRecords({ domain, servers, mtaSts }: RecordPlanInput): PlannedRecord[] {
  const host = servers.find(({ role = "mx" }) => role === "mx");
  if (mtaSts === undefined || host?.serves?.web !== true) return [];
  const { id } = mtaStsPolicy({ ...mtaSts, mxHosts: mxHosts(servers) });
  const level = mtaSts.mode === "none" ? "optional" : "recommended";
  const record: PlannedRecord = {
    purpose: "mta-sts",
    name: `_mta-sts.${domain}`,
    type: "TXT",
    value: `v=STSv1; id=${id};`,
    level,
    reason:
      "Tells senders that this domain has a policy on encryption, and by its id when the policy changes (MTA-STS).",
    withoutIt:
      "Somebody on the way can talk senders out of encryption and read the mail, unless DANE prevents it.",
    publishedAt: "domain-dns",
  };
  return [record, ...policyHostRecord(host, { domain, level })];
}

function policyHostRecord(
  host: PlannedServer,
  { domain, level }: { domain: string; level: PlannedRecord["level"] },
): PlannedRecord[] {
  return webName(host, {
    name: `mta-sts.${domain}`,
    level,
    reason: "Leads to the server that shows the policy on encryption to senders (MTA-STS).",
    withoutIt: "Senders find no policy and carry on as if there were none.",
  });
}

/** Where senders report how encryption went (RFC 8460). */
export function tlsReportRecords({ domain, tlsReportsTo = [] }: RecordPlanInput): PlannedRecord[] {
  if (tlsReportsTo.length === 0) return [];
  return [
    {
      purpose: "tls-rpt",
      name: `_smtp._tls.${domain}`,
      type: "TXT",
      value: `v=TLSRPTv1; rua=${tlsReportsTo.map(reportUri).join(",")}`,
      level: "optional",
      reason: "Tells senders where to report how the encryption of mail to this domain went (TLS-RPT).",
      withoutIt: "You do not hear of it when mail is held back because encryption failed.",
      publishedAt: "domain-dns",
    },
  ];
}

/** The logo that some providers show beside the domain's mail. */
export function bimiRecords(domain: string, wishes: BimiWishes | undefined): PlannedRecord[] {
  if (wishes === undefined) return [];
  const { logoUrl, certificateUrl } = wishes;
  return [
    {
      purpose: "bimi",
      name: `default._bimi.${domain}`,
      type: "TXT",
      value: [
        "v=BIMI1",
        `l=${logoUrl}`,
        ...(certificateUrl === undefined ? [] : [`a=${certificateUrl}`]),
      ].join("; "),
      level: "optional",
      reason: "Says where this domain's logo lies, which some providers show beside its mail (BIMI).",
      withoutIt: "Mail is delivered all the same, without the logo.",
      publishedAt: "domain-dns",
    },
  ];
}
