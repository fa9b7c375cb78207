import type { DkimAlgorithm, DkimPublicKey } from "../servers/index.ts";
import { different, isQuoted, quotedWhy, type RecordJudgement, rightAsIs } from "./record-judgement.ts";
import { tagList } from "./tag-list.ts";

const keyTypeOf: Record<DkimAlgorithm, string> = { "rsa-2048": "rsa", ed25519: "ed25519" };

/** The TXT value that lets receivers verify a key's signatures (RFC 6376 §3.6.1, RFC 8463 §4). */
export function dkimRecordValue(key: Pick<DkimPublicKey, "algorithm" | "publicKey">): string {
  return `v=DKIM1; k=${keyTypeOf[key.algorithm]}; p=${key.publicKey}`;
}

/** The TXT value that says a key is one no more, so that what it signed must not be believed (RFC 6376 §3.6.1). */
export function revokedDkimRecordValue({ algorithm }: Pick<DkimPublicKey, "algorithm">): string {
  return `v=DKIM1; k=${keyTypeOf[algorithm]}; p=`;
}

/** Name under which a verifier looks for a key. */
export function dkimRecordName(key: Pick<DkimPublicKey, "selector" | "domain">): string {
  return `${key.selector}._domainkey.${key.domain}`;
}

/** Judges the texts under a selector by whether every verifier finds the planned key there and may use it. */
export function judgeDkim(planned: string, values: readonly string[]): RecordJudgement {
  if (values.length === 0) return { kind: "missing" };
  if (values.some((value) => isQuoted(value, isKey))) return different(quotedWhy);
  const keys = values.filter(isKey);
  if (keys[0] === undefined)
    return different('a TXT record stands here, perhaps from a wildcard ("*"), but it holds no key');
  if (keys.length > 1)
    return different("several keys are published under this one name, so receivers cannot choose");
  // RFC 6376 §3.6.2.2: with more than one text the result is undefined, and OpenDKIM gives up.
  if (values.length > 1)
    return different("another TXT record stands beside the key, and some receivers then take neither");
  const why = keyProblem(keys[0], planned);
  return why === null ? rightAsIs : different(why);
}

function keyProblem(published: string, planned: string): string | null {
  const malformed = malformedTag(published);
  if (malformed !== null) return malformed;
  const found = tagList(published);
  const wanted = tagList(planned);
  if (found.has("v") && !/^\s*v\s*=\s*DKIM1\s*(;|$)/.test(published))
    return "the record does not start with v=DKIM1";
  const key = (found.get("p") ?? "").replace(/\s/g, "");
  const isRevocation = wanted.get("p") === "";
  if (isRevocation) return key === "" ? null : "the key is still published, though it has ended";
  if (key === "") return "the key is published as revoked (p= is empty)";
  if ((found.get("k") ?? "rsa") !== wanted.get("k"))
    return `the key type is ${found.get("k") ?? "rsa"}, not ${wanted.get("k")}`;
  if (key.includes('"')) return quotedWhy;
  const own = wanted.get("p") ?? "";
  // A form that takes no more than one character-string cuts the rest off without a word.
  if (key !== own && own.startsWith(key))
    return `the key is cut off after ${key.length} of ${own.length} characters; publish it as several strings of at most 255 bytes each`;
  if (key !== own) return "another key is published under this name";
  if (!allows(found.get("h"), "sha256"))
    return `h=${found.get("h")} forbids SHA-256, with which every message is signed`;
  if (!allows(found.get("s"), "email", "*")) return `s=${found.get("s")} forbids the key for e-mail`;
  if (found.has("t") && allows(found.get("t"), "y"))
    return "t=y says that this domain is only testing, so receivers may ignore the signature";
  return null;
}

/** RFC 6376 §3.2: a repeated tag or a part that is no tag makes the whole list invalid. */
function malformedTag(published: string): string | null {
  const parts = published.split(";").map((part) => part.trim());
  const names = parts.filter((part) => part !== "").map((part) => /^([a-z]\w*)\s*=/i.exec(part)?.[1] ?? null);
  const at = names.indexOf(null);
  if (at >= 0) return `"${parts.filter((part) => part !== "")[at]?.slice(0, 20)}" in the record is not a tag`;
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  return repeated === undefined
    ? null
    : `the tag ${repeated}= stands there twice, which makes the record invalid`;
}

/** Whether a list with colons names one of these; a tag that is left out allows all. */
function allows(list: string | undefined, ...names: string[]): boolean {
  return list === undefined || list.split(":").some((item) => names.includes(item.trim().toLowerCase()));
}

/** A text with a p= tag, unless its version says that it is something else: a wildcard may bring a DMARC record here. */
function isKey(value: string): boolean {
  const version = /^\s*v\s*=\s*([^;\s]*)/i.exec(value)?.[1];
  return /(^|;)\s*p\s*=/.test(value) && (version === undefined || /^dkim/i.test(version));
}
