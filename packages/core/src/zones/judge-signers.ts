import {
  type Delegation,
  type DelegationSignerRecord,
  type DelegationStep,
  type SeenDelegation,
  signerText,
} from "./plan-delegation.ts";

/**
 * Whether the DS record above a zone leads to a key of it. One that leads elsewhere takes the zone off the net for who
 * validates, but only once its own name servers are the ones that the world asks.
 */
export function judgeSigners(zone: string, wanted: Delegation, seen: SeenDelegation): DelegationStep {
  const { signers, saidBy } = seen;
  if (signers === null)
    return {
      kind: "signers",
      state: "unknown",
      sentence: `Nobody above ${zone} could be asked for its DS record.`,
      evidence: [],
    };
  const above = saidBy ?? "the zone above";
  const evidence =
    signers.length === 0
      ? [`${above}: no DS record for ${zone}`]
      : signers.map((signer) => `${above}: DS ${signerText(signer)}`);
  const isAsked = isDelegatedTo(wanted, seen);
  if (wanted.signers.length === 0)
    return {
      kind: "signers",
      state: signers.length === 0 || !isAsked ? "todo" : "wrong",
      sentence:
        signers.length === 0
          ? `The primary server has not made the keys of ${zone} yet.`
          : isAsked
            ? `A DS record stands above ${zone}, and no key of it is known here: who validates gets no answer. Take it away where the domain is registered.`
            : takeAwayFirst(zone),
      evidence,
      fix:
        signers.length === 0
          ? "See on the server's page that the last job of the primary went well. Its keys are made with the zone, and the DS record is shown then."
          : takeAwayFix(isAsked),
    };
  const foreign = signers.filter((signer) => !fits(signer, wanted.signers));
  if (signers.length > 0 && foreign.length < signers.length)
    return {
      kind: "signers",
      state: "done",
      sentence:
        foreign.length === 0
          ? `The DS record above ${zone} fits its key.${isRolled(seen) ? rolledInWords : ""}`
          : `A DS record above ${zone} fits its key; another leads to a key that is not here and can go.`,
      evidence,
    };
  const record = wanted.signers.map((signer) => `${zone}. IN DS ${signerText(signer)}`).join("\n");
  const texts = wanted.signers.map(signerText).join(" and ");
  if (signers.length === 0)
    return {
      kind: "signers",
      state: "todo",
      sentence: isAsked
        ? `Set the DS record of ${zone} where the domain is registered.`
        : `Once the steps above are done, set the DS record of ${zone} where the domain is registered.`,
      evidence,
      fix: isAsked
        ? "Enter the record below where the domain is registered, often under DNSSEC. Press “Check now” on the zone's page; a registry takes up to a day."
        : "Set the name servers first, and their addresses where they are asked for. Enter the record below only when the zone's page says that the world asks them, or the zone is off the net for who validates.",
      record,
    };
  if (!isAsked)
    return {
      kind: "signers",
      state: "todo",
      sentence: takeAwayFirst(zone),
      evidence,
      fix: takeAwayFix(false),
    };
  // While a key is rolled the zone is signed with both, and the announced one is the next (RFC 7583 §3.3).
  if (signers.some((signer) => seen.keys?.some((key) => isOfKey(signer, key)) === true))
    return {
      kind: "signers",
      state: "todo",
      sentence: `The key of ${zone} is being rolled: put the new DS record in the place of the one that stands above it, ${texts}. The old key goes by itself once the primary has seen the new DS record and the old one's time to live is over.`,
      evidence,
      record,
    };
  return {
    kind: "signers",
    state: "wrong",
    sentence: `The DS record above ${zone} leads to a key that this zone does not have, so who validates gets no answer. Put ${texts} in its place.`,
    evidence,
    record,
  };
}

/** Two keys stand in the zone that a DS record may lead to: one follows the other. */
function isRolled({ keys = [] }: SeenDelegation): boolean {
  return keys.length > 1;
}

const rolledInWords =
  " A second key stands beside it while the one takes the place of the other. When the new one is known everywhere, about a day after it came, its DS record is shown here; the old one goes by itself after that.";

/** Whether any of the name servers that the zone above names is one of ours, so that the world asks it. */
export function isDelegatedTo(wanted: Delegation, { nameServers }: SeenDelegation): boolean {
  const own = new Set(wanted.nameServers.map((name) => name.toLowerCase()));
  return (nameServers ?? []).some((name) => own.has(name.toLowerCase()));
}

/** A registrar may digest the same key by another algorithm than ours. */
function fits(signer: DelegationSignerRecord, own: readonly DelegationSignerRecord[]): boolean {
  const ofKey = own.filter((one) => isOfKey(signer, one));
  const ofType = ofKey.filter(({ digestType }) => digestType === signer.digestType);
  return ofType.length > 0
    ? ofType.some((one) => fingerprint(one) === fingerprint(signer))
    : ofKey.length > 0;
}

function isOfKey(
  signer: DelegationSignerRecord,
  { keyTag, algorithm }: Pick<DelegationSignerRecord, "keyTag" | "algorithm">,
): boolean {
  return signer.keyTag === keyTag && signer.algorithm === algorithm;
}

function takeAwayFirst(zone: string): string {
  return `The DS record above ${zone} leads to the keys of its present name servers. Take it away and wait a day before you set the new name servers, or who validates gets no answer.`;
}

function takeAwayFix(isAsked: boolean): string {
  return isAsked
    ? "Take the DS record away where the domain is registered. Press “Check now” on the zone's page."
    : "Take the DS record away where the domain is registered. Wait a day, since it is remembered that long. Then set the new name servers.";
}

function fingerprint(signer: DelegationSignerRecord): string {
  return signerText(signer).toUpperCase();
}
