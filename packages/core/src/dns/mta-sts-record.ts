import { different, isQuoted, quotedWhy, type RecordJudgement, rightAsIs } from "./record-judgement.ts";
import { tagList } from "./tag-list.ts";

/** Judges the texts at _mta-sts by whether senders notice the policy, and each change of it (RFC 8461 §3.1). */
export function judgeMtaSts(planned: string, values: readonly string[]): RecordJudgement {
  const records = values.filter(isMtaSts);
  const [record] = records;
  if (record === undefined) {
    if (values.some((value) => isQuoted(value, isMtaSts))) return different(quotedWhy);
    return values.length === 0
      ? { kind: "missing" }
      : different('a TXT record stands here, but it does not start with "v=STSv1;"');
  }
  if (records.length > 1)
    return different("several MTA-STS records are published, and senders then take none of them");
  const id = tagList(record).get("id") ?? "";
  if (!/^[A-Za-z0-9]{1,32}$/.test(id))
    return different("the record has no valid id (1 to 32 letters and digits), so senders ignore it");
  return id === tagList(planned).get("id")
    ? rightAsIs
    : different(
        `the id ${id} is not that of the policy which is served, so senders that keep an older one do not fetch it`,
      );
}

function isMtaSts(value: string): boolean {
  return /^v=STSv1[ \t]*(;|$)/.test(value);
}
