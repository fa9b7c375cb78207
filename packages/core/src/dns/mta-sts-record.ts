import { different, onlyRecord, type RecordJudgement, rightAsIs } from "./record-judgement.ts";

const fieldPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[\x21-\x3a\x3c\x3e-\x7e]+$/;

/** Judges the texts at _mta-sts by whether senders notice the policy, and each change of it (RFC 8461 §3.1). */
export function judgeMtaSts(planned: string, values: readonly string[]): RecordJudgement {
  const record = onlyRecord(values, isMtaSts, {
    start: "v=STSv1;",
    severalWhy: "several MTA-STS records are published, and senders then take none of them",
  });
  if (typeof record !== "string") return record;
  const id = readMtaStsId(record);
  if (id === null)
    return different("the record has no valid id (1 to 32 letters and digits), so senders ignore it");
  return id === readMtaStsId(planned)
    ? rightAsIs
    : different(
        `the id ${id} is not that of the policy which is served, so senders that keep an older one do not fetch it`,
      );
}

/**
 * The id in a text at _mta-sts, or null for a text that is no MTA-STS record: of another version, without an id of 1 to
 * 32 letters and digits, or with a part that is no field (RFC 8461 §3.1).
 *
 * @example readMtaStsId("v=STSv1; id=20160831T085700Z;") // "20160831T085700Z"
 */
export function readMtaStsId(text: string): string | null {
  if (!isMtaSts(text)) return null;
  const [, ...fields] = text.split(";").map((field) => field.replaceAll(/^[ \t]+|[ \t]+$/g, ""));
  // A semicolon may end the record.
  if (fields.at(-1) === "") fields.pop();
  const ids = fields.filter((field) => field.startsWith("id="));
  return fields.every((field) => fieldPattern.test(field)) && ids.length === 1
    ? (/^id=([A-Za-z0-9]{1,32})$/.exec(ids[0] ?? "")?.[1] ?? null)
    : null;
}

function isMtaSts(value: string): boolean {
  return /^v=STSv1[ \t]*(;|$)/.test(value);
}
