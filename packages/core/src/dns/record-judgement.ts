/**
 * What one server's values mean for a planned record. `why` is a part of a sentence, without capital and full stop;
 * `effect` is one, and says what that does to mail where it is not what the record's absence does.
 */
export type RecordJudgement =
  | { kind: "ok"; sentence?: string }
  | { kind: "missing"; effect?: string }
  /** readyValue: what to publish instead, when it is better than the plan because it keeps what stands there. */
  | { kind: "different"; why: string; readyValue?: string; effect?: string }
  /** It serves, but a person should look at it. */
  | { kind: "attention"; why: string; effect?: string }
  /** What it depends on could not be asked about. */
  | { kind: "unknown"; why: string };

export const rightAsIs: RecordJudgement = { kind: "ok" };

/** A different record, with the reason why it does not serve. */
export function different(why: string, effect?: string): RecordJudgement {
  return { kind: "different", why, ...(effect === undefined ? {} : { effect }) };
}

/** A record that serves, with what a person should know of it. */
export function attention(why: string, effect?: string): RecordJudgement {
  return { kind: "attention", why, ...(effect === undefined ? {} : { effect }) };
}

/** Whether a value would be a record had its quotation marks or backslashes not been published as a part of it. */
export function isQuoted(value: string, isRecord: (text: string) => boolean): boolean {
  return /^\s*["'\\]/.test(value) && isRecord(value.replace(/^\s+|["'\\]+/g, ""));
}

export const quotedWhy =
  "quotation marks or backslashes were published as a part of the value; leave them out";

/**
 * The one record of its kind among the texts of a name that is only for it, or what is to be said because there is none or
 * are several.
 */
export function onlyRecord(
  values: readonly string[],
  isRecord: (text: string) => boolean,
  { start, severalWhy }: { start: string; severalWhy: string },
): string | RecordJudgement {
  const [record, ...others] = values.filter(isRecord);
  if (record !== undefined) return others.length === 0 ? record : different(severalWhy);
  if (values.some((value) => isQuoted(value, isRecord))) return different(quotedWhy);
  return values.length === 0
    ? { kind: "missing" }
    : different(`a TXT record stands here, but it does not start with "${start}"`);
}
