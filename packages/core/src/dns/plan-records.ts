import { planDkimAlias } from "./delegated-dkim.ts";
import { clientRecords } from "./plan-client-records.ts";
import { planDkimRecord } from "./plan-dkim-record.ts";
import { dmarcRecord, mxRecords, spfRecord } from "./plan-domain-records.ts";
import {
  caaRecords,
  hostAddressRecords,
  hostSpfRecord,
  reverseRecords,
  sshfpRecords,
  tlsaRecords,
} from "./plan-host-records.ts";
import { noMailRecords } from "./plan-no-mail-records.ts";
import { bimiRecords, mtaStsRecords, tlsReportRecords } from "./plan-policy-records.ts";
import { reportConsentRecords, withReportMailbox } from "./plan-report-records.ts";
import type { PlannedRecord } from "./planned-record.ts";
import type { RecordPlanInput } from "./record-plan-input.ts";
import { smarthostRecords } from "./smarthost-records.ts";

/**
 * Every record that a domain and its servers need so that its mail arrives and is believed, most important first. All
 * servers of the domain are planned as one, each by its role.
 */
export function planRecords(input: RecordPlanInput): PlannedRecord[] {
  const { domain, servers } = input;
  if (input.isWithoutMail === true)
    return [
      ...noMailRecords(domain, input.dmarc),
      // Of the time when it had mail: what was signed then may be on its way.
      ...dkimRecords(input),
      ...namesWithoutMail(input).flatMap((name) => noMailRecords(name)),
    ];
  const reports = withReportMailbox(input);
  return [
    ...mxRecords(input),
    ...servers.flatMap((server) => hostAddressRecords(server, domain)),
    ...servers.flatMap(reverseRecords),
    spfRecord(input),
    // Two SPF records under one name make both fail (RFC 7208 §4.5).
    ...servers.filter(({ hostname }) => hostname !== domain).map(hostSpfRecord),
    ...dkimRecords(input),
    ...smarthostRecords(domain, input.smarthostRecords),
    dmarcRecord(domain, reports.dmarc),
    ...reportConsentRecords(input),
    ...mtaStsRecords(input),
    ...tlsReportRecords({ ...input, tlsReportsTo: reports.tlsReportsTo }),
    ...servers.flatMap(tlsaRecords),
    ...clientRecords(input),
    ...servers.flatMap(caaRecords),
    ...servers.flatMap(sshfpRecords),
    ...bimiRecords(domain, input.bimi),
    ...namesWithoutMail(input).flatMap((name) => noMailRecords(name)),
  ];
}

function dkimRecords({ domain, dkimKeys, dkimAliases = [] }: RecordPlanInput): PlannedRecord[] {
  return [
    ...dkimAliases.map((alias) => planDkimAlias(domain, alias)),
    ...dkimKeys.filter((key) => key.domain === domain).map(planDkimRecord),
  ];
}

/** A host takes the bounces of what it forwards under its own name, so none is ever told that it takes no mail. */
function namesWithoutMail({ domain, servers, namesWithoutMail: names = [] }: RecordPlanInput): string[] {
  return names.filter((name) => name !== domain && servers.every(({ hostname }) => hostname !== name));
}
