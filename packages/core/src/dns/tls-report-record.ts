import { attention, different, onlyRecord, type RecordJudgement, rightAsIs } from "./record-judgement.ts";
import { tagList } from "./tag-list.ts";

/** Judges the texts at _smtp._tls by whether reports reach somebody, and whom we meant (RFC 8460 §3). */
export function judgeTlsReports(planned: string, values: readonly string[]): RecordJudgement {
  const record = onlyRecord(values, isTlsReports, {
    start: "v=TLSRPTv1;",
    severalWhy: "several TLS-RPT records are published, and senders then report to nobody",
  });
  if (typeof record !== "string") return record;
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
