import {
  attention,
  different,
  isQuoted,
  quotedWhy,
  type RecordJudgement,
  rightAsIs,
} from "./record-judgement.ts";
import { tagList } from "./tag-list.ts";

/** Judges the texts at _smtp._tls by whether reports reach somebody, and whom we meant (RFC 8460 §3). */
export function judgeTlsReports(planned: string, values: readonly string[]): RecordJudgement {
  const records = values.filter(isTlsReports);
  const [record] = records;
  if (record === undefined) {
    if (values.some((value) => isQuoted(value, isTlsReports))) return different(quotedWhy);
    return values.length === 0
      ? { kind: "missing" }
      : different('a TXT record stands here, but it does not start with "v=TLSRPTv1;"');
  }
  if (records.length > 1)
    return different("several TLS-RPT records are published, and senders then report to nobody");
  const found = addressesIn(record);
  if (
    found.length === 0 ||
    found.some((address) => !/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/i.test(address))
  )
    return different("rua= names no address that reports can go to (mailto: or https:)");
  const lacking = addressesIn(planned).filter((address) => !found.includes(address));
  return lacking.length === 0
    ? rightAsIs
    : attention(`reports go to ${found.join(", ")} and not to ${lacking.join(", ")}`);
}

function addressesIn(record: string): string[] {
  const rua = tagList(record).get("rua") ?? "";
  return rua
    .split(",")
    .map((address) => address.trim())
    .filter((address) => address !== "");
}

function isTlsReports(value: string): boolean {
  return /^v=TLSRPTv1[ \t]*(;|$)/.test(value);
}
