import { different, onlyRecord, type RecordJudgement, rightAsIs } from "./record-judgement.ts";
import { tagList } from "./tag-list.ts";

/** Judges the texts at _mta-sts by whether senders notice the policy, and each change of it (RFC 8461 §3.1). */
export function judgeMtaSts(planned: string, values: readonly string[]): RecordJudgement {
  const record = onlyRecord(values, isMtaSts, {
    start: "v=STSv1;",
    severalWhy: "several MTA-STS records are published, and senders then take none of them",
  });
  if (typeof record !== "string") return record;
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
