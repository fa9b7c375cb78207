import { dkimKeyMapPath, readDkimKeyMap } from "@mailstead/core/mail-flow";
import type { HealthCheck } from "@mailstead/core/updates";
import type { ListResolver } from "../block-lists/list-resolver.ts";
import { type SignatureVerdict, verifyMessage } from "../dkim/verify-message.ts";
import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { badCheck, okCheck, unknownCheck } from "./health-checks.ts";

/** A domain in whose name the host signs, and the selectors by which it does. */
export interface SigningDomain {
  readonly domain: string;
  readonly selectors: readonly string[];
}

// Asked for at once; a host of hundreds is judged by one of these.
const domainsTriedMax = 5;

/**
 * The domain by which the host's signing is tried: the first by name of which a key is in DNS, so that every look takes the
 * same; else the first. Null where the host signs for none.
 */
export async function chooseSigningDomain(host: Host, resolver: ListResolver): Promise<SigningDomain | null> {
  const map = readDkimKeyMap((await readTextIfExists(host.path(dkimKeyMapPath))) ?? "");
  const candidates = [...Map.groupBy(map, ({ domain }) => domain)]
    .map(([domain, keys]) => ({ domain, selectors: keys.map(({ signsAs }) => signsAs) }))
    .toSorted((one, other) => (one.domain < other.domain ? -1 : 1))
    .slice(0, domainsTriedMax);
  const shown = await Promise.all(
    candidates.map(async ({ domain, selectors }) => {
      const answers = await Promise.all(
        selectors.map((selector) =>
          resolver.answer({ name: `${selector}._domainkey.${domain}`, type: "TXT" }),
        ),
      );
      return answers.some(({ kind }) => kind === "found");
    }),
  );
  return candidates.find((_, index) => shown[index]) ?? candidates[0] ?? null;
}

/** Whether a receiver would verify the signatures of a letter by the keys in DNS. */
export async function checkSignature(
  letter: string | null,
  { signing, resolver, now }: { signing: SigningDomain | null; resolver: ListResolver; now: Date },
): Promise<HealthCheck> {
  if (signing === null) return unknownCheck("signature", "The host signs for no domain yet.");
  const { domain, selectors } = signing;
  if (letter === null)
    return unknownCheck(
      "signature",
      `No letter came through, so no signature for ${domain} could be verified.`,
    );
  const verdicts = await verifyMessage(letter, (name) => resolver.answer({ name, type: "TXT" }), now);
  const own = verdicts.filter((verdict) => verdict.domain === domain);
  const missing = selectors.filter((selector) => !own.some((verdict) => verdict.selector === selector));
  const invalid = own.flatMap((verdict) => (verdict.kind === "invalid" ? [verdict] : []));
  if (missing.length > 0 || invalid.length > 0)
    return badCheck("signature", problemOf(domain, { missing, invalid }), [
      ...missing.map((selector) => `${selector} ${domain} missing`),
      ...invalid.map(({ selector }) => `${selector} ${domain}`),
    ]);
  const valid = own.flatMap(({ kind, selector }) => (kind === "valid" ? [selector] : []));
  const open = own.flatMap((verdict) => openWords(verdict)).join("; ");
  if (valid.length === 0)
    return unknownCheck("signature", `The letter is signed for ${domain}, but ${open}.`);
  const beside = open === "" ? "" : `; ${open}`;
  return okCheck(
    "signature",
    `The signature for ${domain} with ${valid.join(" and ")} verifies by the key in DNS${beside}.`,
  );
}

type Invalid = Extract<SignatureVerdict, { kind: "invalid" }>;

function problemOf(
  domain: string,
  { missing, invalid }: { missing: readonly string[]; invalid: readonly Invalid[] },
): string {
  const words = [
    ...(missing.length === 0
      ? []
      : [`Rspamd did not sign the letter with ${missing.join(" and ")} for ${domain}`]),
    ...invalid.map(
      ({ selector, problem }) => `the signature with ${selector} for ${domain} does not verify: ${problem}`,
    ),
  ].join("; ");
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}

function openWords(verdict: SignatureVerdict): string[] {
  switch (verdict.kind) {
    case "no-key":
      return [`DNS shows no key under ${verdict.selector} yet`];
    case "unknown":
      return [`the key under ${verdict.selector} could not be asked for: ${verdict.problem}`];
    default:
      return [];
  }
}
