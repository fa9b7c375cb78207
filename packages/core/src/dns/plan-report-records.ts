import type { PlannedRecord } from "./planned-record.ts";
import type { DmarcWishes, RecordPlanInput } from "./record-plan-input.ts";

/** The wishes with the address of the host behind those that the customer gave. */
export function withReportMailbox({ dmarc = {}, tlsReportsTo = [], reportMailbox }: RecordPlanInput): {
  dmarc: DmarcWishes;
  tlsReportsTo: readonly string[];
} {
  if (reportMailbox === undefined) return { dmarc, tlsReportsTo };
  const { address, takesFailures } = reportMailbox;
  const add = (addresses: readonly string[] = []) => [...new Set([...addresses, address])];
  return {
    dmarc: {
      ...dmarc,
      reportsTo: add(dmarc.reportsTo),
      ...(takesFailures ? { failureReportsTo: add(dmarc.failureReportsTo) } : {}),
    },
    tlsReportsTo: add(tlsReportsTo),
  };
}

/**
 * By which the host agrees to take reports about a domain whose name is not its own: without it receivers send none
 * (RFC 9990 §4, RFC 7489 §7.1). Names below one another need none.
 */
export function reportConsentRecords({ domain, reportMailbox }: RecordPlanInput): PlannedRecord[] {
  const host = reportMailbox?.address.split("@")[1];
  if (host === undefined || isWithin(host, domain) || isWithin(domain, host)) return [];
  return [
    {
      purpose: "report-consent",
      name: `${domain}._report._dmarc.${host}`,
      type: "TXT",
      value: "v=DMARC1;",
      level: "recommended",
      reason: `Says that ${host} takes DMARC reports about ${domain}, whose name is not its own.`,
      withoutIt: "Receivers send no reports there, because anybody could have named the address.",
      publishedAt: "host-dns",
    },
  ];
}

function isWithin(name: string, domain: string): boolean {
  return `.${name}`.endsWith(`.${domain}`);
}
