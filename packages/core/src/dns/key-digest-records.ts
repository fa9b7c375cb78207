import { attention, different, type RecordJudgement, rightAsIs } from "./record-judgement.ts";

// RFC 6698 §2.1: what the record is compared with. Only this form can be judged without the certificate.
const ownKeyForm = /^3 1 1 /;

/**
 * Judges TLSA records for one key of a host. Whoever goes by DANE refuses a host of which no record fits; one that fits
 * no key any more does no harm, but it is told.
 */
export function judgeTlsa(
  planned: string,
  values: readonly string[],
  siblings: readonly string[],
): RecordJudgement {
  if (values.length === 0) return { kind: "missing" };
  const found = values.map(normalised);
  const ours = siblings.map(normalised);
  if (!found.includes(normalised(planned))) return judgeOtherKeys(found, ours);
  const stale = found.filter((value) => !ours.includes(value));
  return stale.length === 0
    ? rightAsIs
    : attention(
        `beside it stands ${listed(stale)}, which fits no key of this host; take it away unless you know it`,
      );
}

function judgeOtherKeys(found: readonly string[], ours: readonly string[]): RecordJudgement {
  // While keys change, the record of the other key stands, and mail flows by it.
  if (found.some((value) => ours.includes(value))) return { kind: "missing" };
  if (found.every((value) => !ownKeyForm.test(value)))
    return {
      kind: "unknown",
      why: `${listed(found)} stands there, a form of which is not known here whether it fits the host's certificate`,
    };
  return different(
    `${listed(found)} stands there and fits no key of this host, so mail servers that go by DANE deliver nothing`,
  );
}

/** Judges SSHFP records for one key of a host. */
export function judgeSshfp(
  planned: string,
  values: readonly string[],
  siblings: readonly string[],
): RecordJudgement {
  const [algorithm = "", form = ""] = planned.split(" ");
  // Others are of other keys or by other digests, and say nothing about this one.
  const found = values.map(normalised).filter((value) => value.startsWith(`${algorithm} ${form} `));
  if (found.length === 0) return { kind: "missing" };
  if (!found.includes(normalised(planned)))
    return different("the fingerprint of another key stands there, so ssh warns whoever signs in");
  const stale = found.filter((value) => !siblings.map(normalised).includes(value));
  return stale.length === 0
    ? rightAsIs
    : attention("beside it stands the fingerprint of a key that this host does not have");
}

/** Digits in small letters and without the spaces that a zone file may break them with. */
function normalised(value: string): string {
  const [first = "", second = "", third = "", ...rest] = value.trim().toLowerCase().split(/\s+/);
  return /^[0-9]$/.test(third) && rest.length > 0
    ? `${first} ${second} ${third} ${rest.join("")}`
    : `${first} ${second} ${third}${rest.join("")}`;
}

const shownDigits = 12;

function listed(values: readonly string[]): string {
  return values
    .map((value) => value.replace(/[0-9a-f]{13,}$/, (digest) => `${digest.slice(0, shownDigits)}…`))
    .join(", ");
}
