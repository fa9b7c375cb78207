import { judgeBimi } from "./bimi-record.ts";
import { type InheritedCaa, judgeCaa } from "./caa-record.ts";
import { judgeDkimAlias } from "./delegated-dkim.ts";
import { judgeDkim } from "./dkim-record.ts";
import { type DmarcPolicy, type InheritedDmarc, judgeDmarc } from "./dmarc-record.ts";
import { judgeConsentRecord, type ReportConsent, withReportsHere } from "./dmarc-reports.ts";
import { judgeSshfp, judgeTlsa } from "./key-digest-records.ts";
import { judgeMtaSts } from "./mta-sts-record.ts";
import { judgeMx } from "./mx-record.ts";
import { judgeNoMailDmarc, judgeNoMailSpf, judgeNullMx } from "./no-mail-records.ts";
import type { PlannedRecord } from "./planned-record.ts";
import { different, type RecordJudgement, rightAsIs } from "./record-judgement.ts";
import { sameAddress, sameName } from "./same-value.ts";
import { judgeSmarthostRecord } from "./smarthost-records.ts";
import type { SpfCost } from "./spf-cost.ts";
import { type EvaluatedSpf, judgeSpf } from "./spf-record.ts";
import { judgeSrv } from "./srv-record.ts";
import { judgeTlsReports } from "./tls-report-record.ts";
import { judgeWebName } from "./web-name.ts";

/** What a judgement needs to know beyond the answers under the record's own name. */
export interface RecordContext {
  /** Every planned mail host of the domain. */
  mailHosts?: readonly string[];
  /** Those of them that only stand in for the others. */
  backupHosts?: readonly string[];
  /** Hosts whose names are aliases, with the names that they stand for. */
  aliases?: ReadonlyMap<string, string>;
  /** Every SPF record that was seen, evaluated for each address that sends. */
  spf?: readonly EvaluatedSpf[];
  /** What the planned SPF record would cost receivers. */
  plannedSpfCost?: SpfCost;
  inheritedDmarc?: InheritedDmarc;
  /** Whether those agree to whom the DMARC record sends reports. */
  reportConsent?: readonly ReportConsent[];
  /** What receivers do by the domain's DMARC record; null when it has none. Left out when nobody could say. */
  dmarcPolicy?: DmarcPolicy | null;
  inheritedCaa?: InheritedCaa;
  /** The values of all planned records of the same name and type, this one's among them. */
  siblings?: readonly string[];
  /** The addresses that the name leads to in the end, over whatever aliases. */
  leadsTo?: readonly string[];
}

/** Judges what one name server shows under the name of a planned record. */
export function judgeValues(
  planned: PlannedRecord,
  values: readonly string[],
  context: RecordContext,
): RecordJudgement {
  const siblings = context.siblings ?? [planned.value];
  const inheritedDmarc = context.inheritedDmarc ?? { kind: "none" };
  switch (planned.purpose) {
    case "mx":
    case "backup-mx": {
      const { mailHosts: ours = [], backupHosts: backups = [], aliases = new Map() } = context;
      return judgeMx(planned.value, values, { ours, backups, aliases });
    }
    case "spf":
    case "host-spf":
      return judgeSpf(planned, values, context.spf ?? []);
    case "dkim":
      return judgeDkim(planned.value, values);
    case "dkim-alias":
      return judgeDkimAlias(planned.value, values);
    case "dmarc":
      return withReportsHere(judgeDmarc(values, inheritedDmarc, context.reportConsent), { planned, values });
    case "report-consent":
      return judgeConsentRecord(values, context.reportConsent);
    case "host-address":
      return judgeAddress(planned, values);
    case "reverse":
      return judgeReverse(planned, values);
    case "acme-challenge":
    case "feed-proof":
      return values.includes(planned.value) ? rightAsIs : { kind: "missing" };
    case "smarthost":
      return judgeSmarthostRecord(planned, values);
    case "tlsa":
      return judgeTlsa(planned.value, values, siblings);
    case "sshfp":
      return judgeSshfp(planned.value, values, siblings);
    case "caa":
      return judgeCaa(planned.value, values, context.inheritedCaa ?? { kind: "none" });
    case "mta-sts":
      return judgeMtaSts(planned.value, values);
    case "tls-rpt":
      return judgeTlsReports(planned.value, values);
    case "web-name":
      return judgeWebName(planned, values, context.leadsTo);
    case "srv":
      return judgeSrv(planned.value, values);
    case "bimi":
      return judgeBimi(planned.value, values, context.dmarcPolicy);
    case "null-mx":
      return judgeNullMx(values);
    case "no-mail-spf":
      return judgeNoMailSpf(values);
    case "no-mail-dmarc":
      return judgeNoMailDmarc(values, inheritedDmarc, context.reportConsent);
  }
}

function judgeAddress(planned: PlannedRecord, values: readonly string[]): RecordJudgement {
  if (values.length === 0) return { kind: "missing" };
  return values.some((value) => sameAddress(value, planned.value))
    ? rightAsIs
    : different(`the name leads to ${values.join(", ")} and not to ${planned.value}`);
}

function judgeReverse(planned: PlannedRecord, values: readonly string[]): RecordJudgement {
  if (values.length === 0) return { kind: "missing" };
  return values.some((value) => sameName(value, planned.value))
    ? rightAsIs
    : different(`the address leads back to ${values.join(", ")} and not to ${planned.value}`);
}
