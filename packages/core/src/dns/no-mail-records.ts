import { type InheritedDmarc, judgeDmarc, receiverPolicy } from "./dmarc-record.ts";
import type { ReportConsent } from "./dmarc-reports.ts";
import { parseMx } from "./mx-record.ts";
import {
  attention,
  different,
  isQuoted,
  quotedWhy,
  type RecordJudgement,
  rightAsIs,
} from "./record-judgement.ts";
import { parseSpf, spfRecordsOf } from "./spf-terms.ts";

/** Judges the MX records of a name that takes no mail (RFC 7505). */
export function judgeNullMx(values: readonly string[]): RecordJudgement {
  const found = values.map(parseMx);
  const hosts = found.filter(({ host }) => host !== "").map(({ host }) => host);
  if (found.length === 0) return { kind: "missing" };
  if (hosts.length === 0) return rightAsIs;
  return hosts.length < found.length
    ? different(`the MX "." says that this name takes no mail, and ${hosts.join(", ")} contradicts it`)
    : different(`mail for this name goes to ${hosts.join(", ")}, though it is set to take none`);
}

/** Judges the SPF record of a name from which nobody sends: it must let nobody pass. */
export function judgeNoMailSpf(values: readonly string[]): RecordJudgement {
  const records = spfRecordsOf(values);
  const [record] = records;
  const isSpf = (text: string) => spfRecordsOf([text]).length > 0;
  if (record === undefined)
    return values.some((value) => isQuoted(value, isSpf)) ? different(quotedWhy) : { kind: "missing" };
  if (records.length > 1)
    return different("two SPF records are published, which makes SPF fail for every message");
  const terms = parseSpf(record);
  if (terms.kind === "invalid")
    return different(`${terms.problem}, and one such term makes SPF fail for every message`);
  const passing = terms.directives.find(({ qualifier }) => qualifier === "pass");
  if (passing !== undefined)
    return different(`"${passing.text}" lets others send, though nobody sends from this name`);
  const last = terms.directives.find(({ mechanism }) => mechanism === "all");
  if (last?.qualifier === "fail") return rightAsIs;
  return last?.qualifier === "softfail"
    ? attention('"~all" only makes receivers doubt forged mail, and "-all" has them refuse it')
    : different('its record does not end with "-all", so it protects nothing');
}

/** Judges the DMARC records of a name from which nobody sends: all its mail is forged, and ought to be refused. */
export function judgeNoMailDmarc(
  values: readonly string[],
  inherited: InheritedDmarc,
  reportConsent: readonly ReportConsent[] = [],
): RecordJudgement {
  const judgement = judgeDmarc(values, inherited, reportConsent);
  if (judgement.kind !== "ok") return judgement;
  return receiverPolicy(values, inherited) === "reject"
    ? judgement
    : attention("receivers put forged mail aside, and p=reject has them refuse it");
}
