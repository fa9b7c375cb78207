import { momentMark } from "../text/index.ts";
import type { CheckFinding } from "./check-finding.ts";

/** A DS record as the zone above shows it; the digest is hexadecimal. */
export interface DelegationSigner {
  keyTag: number;
  algorithm: number;
  digestType: number;
  digest: string;
}

/** A DNSKEY of the zone, with the digests that a DS of it would hold. */
export interface ZoneKey {
  keyTag: number;
  algorithm: number;
  /** RFC 4034 §2.1.1: signs other keys by custom (bit 15 of the flags). */
  isEntryPoint: boolean;
  isRevoked: boolean;
  /** Hexadecimal, by digest type; a type that could not be computed is left out. */
  digests: Readonly<Record<number, string>>;
  saidBy: string;
}

export interface ZoneSignature {
  covers: string;
  keyTag: number;
  algorithm: number;
  inception: Date;
  expiration: Date;
  /** Whether the key made it; null when this was not tried or the algorithm is unknown to us. */
  isGenuine: boolean | null;
  saidBy: string;
}

export interface DnssecFacts {
  /** The clock that signatures are measured by. */
  checkedAt: Date;
  /** What the zone above says; null when nobody there could be asked. */
  signers: { records: readonly DelegationSigner[]; saidBy: string } | null;
  keys: readonly ZoneKey[];
  signatures: readonly ZoneSignature[];
  /**
   * What the resolver makes of the zone: validated, answered without a word on validity, refused though it answers
   * with checking disabled, or nothing to learn.
   */
  resolver: { answer: "validated" | "plain" | "refused" | "unknown"; name: string };
}

/** none: not signed, or not announced above. unknown: nobody could be asked. */
export interface DnssecStatus {
  kind: "none" | "secure" | "bogus" | "unknown";
  /** One sentence for a person. */
  sentence: string;
}

export type DnssecFindingKind =
  | "ds-missing"
  | "ds-mismatch"
  | "dnssec-bogus"
  | "signatures-expiring"
  | "dnssec-old-algorithm";

type Finding = CheckFinding<DnssecFindingKind>;

/** Judges whether a validating receiver can read the zone, and says what to paste where the chain is not closed. */
export function judgeDnssec(zone: string, facts: DnssecFacts): { status: DnssecStatus; findings: Finding[] } {
  const { signers, keys } = facts;
  if (signers === null) return { status: unknown, findings: [] };
  if (signers.records.length === 0)
    return {
      status: {
        kind: "none",
        sentence: keys.length === 0 ? "Not signed." : "Signed, but the zone above does not say so.",
      },
      findings: keys.length === 0 ? [] : missingSigner(zone, facts),
    };
  // RFC 4035 §5.2: announced only in ways that nobody knows, the zone counts as unsigned and not as forged.
  if (keys.length > 0 && signers.records.every(({ digestType }) => !isKnownDigest(digestType, keys)))
    return { status: unknownDigest, findings: [] };
  const broken = brokenChain(zone, facts);
  if (broken !== null)
    return { status: { kind: "bogus", sentence: broken.sentence }, findings: [broken, ...aged(zone, facts)] };
  if (keys.length === 0) return { status: unknown, findings: [] };
  return {
    status: { kind: "secure", sentence: "Signed, and the chain from the zone above holds." },
    findings: [...expiring(zone, facts), ...aged(zone, facts)],
  };
}

/** The DS record that announces a key, by SHA-256 (RFC 4509), ready to paste. */
export function signerLine(zone: string, key: ZoneKey): string {
  return `${zone}. IN DS ${key.keyTag} ${key.algorithm} ${sha256} ${key.digests[sha256] ?? ""}`;
}

const unknown: DnssecStatus = { kind: "unknown", sentence: "Nobody could be asked." };
const unknownDigest: DnssecStatus = {
  kind: "none",
  sentence: "Signed, but announced above by a digest that receivers do not know.",
};
const sha1 = 1;
const sha256 = 2;
const bogusWhy =
  "Receivers that validate take every answer of this zone for forged: they find neither MX nor keys, and mail in both directions fails.";

function missingSigner(zone: string, { keys, signers }: DnssecFacts): Finding[] {
  const announced = entryPoints(keys);
  return [
    {
      kind: "ds-missing",
      about: zone,
      severity: "instruction",
      sentence: `${zone} is signed, but the zone above holds no DS record for it, so nobody checks the signatures.`,
      evidence: [`${signers?.saidBy ?? ""}: no DS for ${zone}`, ...announced.map(keyLine)],
      why: "Without the DS record nobody can rely on the signatures, and DANE (TLSA) records are ignored.",
      fix: "Give this DS record to the registrar of the domain.",
      record: announced.map((key) => signerLine(zone, key)).join("\n"),
    },
  ];
}

/** The first break of the chain, from the zone above downwards. */
function brokenChain(zone: string, facts: DnssecFacts): Finding | null {
  const { keys, signers } = facts;
  const records = signers?.records ?? [];
  const shown = records.map((one) => `${signers?.saidBy}: ${zone} DS ${dsText(one)}`);
  if (keys.length === 0 && facts.resolver.answer !== "refused") return null;
  const matching = records.filter((one) => keys.some((key) => isSignerOf(one, key)));
  if (matching.length === 0) {
    const announced = entryPoints(keys);
    return {
      kind: "ds-mismatch",
      about: zone,
      severity: "error",
      sentence:
        keys.length === 0
          ? `The zone above announces a key for ${zone}, but the zone is not signed.`
          : `The DS record above ${zone} belongs to none of the keys in the zone.`,
      evidence: [...shown, ...keys.map(keyLine)],
      why: bogusWhy,
      fix:
        keys.length === 0
          ? "Remove the DS record at the registrar at once, or sign the zone with the key that it announces."
          : "Replace the DS record at the registrar by this one at once, or remove it.",
      ...(announced.length === 0 ? {} : { record: announced.map((key) => signerLine(zone, key)).join("\n") }),
    };
  }
  const expired = facts.signatures.filter(({ expiration }) => expiration <= facts.checkedAt);
  const valid = (covers: string) =>
    facts.signatures.some(
      (one) =>
        one.covers === covers &&
        one.expiration > facts.checkedAt &&
        one.inception.getTime() <= facts.checkedAt.getTime() + clockSkewMs &&
        one.isGenuine !== false &&
        (covers !== "DNSKEY" || matching.some(({ keyTag }) => keyTag === one.keyTag)),
    );
  if (keys.length > 0 && expired.length > 0 && (!valid("DNSKEY") || !valid("SOA")))
    return bogus(zone, `The signatures of ${zone} have expired.`, {
      evidence: expired.map(signatureLine),
      fix: "Let the name server sign the zone again; look why its signing stopped, and whether its clock is right.",
    });
  if (keys.length > 0 && !valid("DNSKEY"))
    return bogus(zone, `No key that the zone above announces has signed the keys of ${zone}.`, {
      evidence: [...shown, ...facts.signatures.map(signatureLine)],
      fix: "Let the name server sign its DNSKEY set with the announced key, or replace the DS record at the registrar.",
    });
  if (facts.resolver.answer === "refused")
    return bogus(
      zone,
      `The resolver refuses the answers of ${zone} as forged: it answers only with checking disabled.`,
      {
        evidence: [
          ...shown,
          `${facts.resolver.name}: ${zone} SOA SERVFAIL; with checking disabled: an answer`,
        ],
        fix: "Look at the signatures of the zone; a tool like DNSViz shows which one breaks. Removing the DS record at the registrar makes the zone readable at once.",
      },
    );
  return null;
}

function bogus(
  zone: string,
  sentence: string,
  { evidence, fix }: { evidence: string[]; fix: string },
): Finding {
  return { kind: "dnssec-bogus", about: zone, severity: "error", sentence, evidence, why: bogusWhy, fix };
}

// Clocks of receivers differ by minutes, and signers reckon with it.
const clockSkewMs = 5 * 60_000;
const soonMs = 3 * 86_400_000;

/** Zones that are signed at each answer live well with two days, so what is soon depends on the span of the signature. */
function expiring(zone: string, { signatures, checkedAt }: DnssecFacts): Finding[] {
  const soon = signatures.filter(({ inception, expiration }) => {
    const leftMs = expiration.getTime() - checkedAt.getTime();
    return leftMs < Math.min(soonMs, (expiration.getTime() - inception.getTime()) / 4);
  });
  if (soon.length === 0) return [];
  const isOver = soon.some(({ expiration }) => expiration <= checkedAt);
  return [
    {
      kind: "signatures-expiring",
      about: zone,
      severity: "warning",
      sentence: isOver
        ? `A name server of ${zone} still gives signatures that have expired.`
        : `Signatures of ${zone} expire within days, and nothing has renewed them.`,
      evidence: soon.map(signatureLine),
      why: "Once they have expired, receivers that validate take every answer for forged, and mail fails.",
      fix: isOver
        ? "Look on that name server why it does not fetch the zone from its primary."
        : "Look on the primary name server why it does not sign the zone again.",
    },
  ];
}

// RFC 8624 §3.1: RSAMD5, DSA, RSASHA1 and their NSEC3 twins, and GOST must not be used for signing.
const oldAlgorithms = [1, 3, 5, 6, 7, 12];

function aged(zone: string, { keys, signers }: DnssecFacts): Finding[] {
  const records = signers?.records ?? [];
  const oldKeys = keys.filter(({ algorithm }) => oldAlgorithms.includes(algorithm));
  // A stronger digest beside it wins (RFC 4509 §3).
  const isWeak =
    records.length > 0 && records.every(({ digestType }) => digestType === sha1 || digestType === 3);
  if (oldKeys.length === 0 && !isWeak) return [];
  const ready = isWeak
    ? entryPoints(keys).filter((key) => records.some((one) => one.keyTag === key.keyTag))
    : [];
  return [
    {
      kind: "dnssec-old-algorithm",
      about: zone,
      severity: "warning",
      sentence:
        oldKeys.length > 0
          ? `${zone} is signed with an algorithm that receivers no longer accept (${[...new Set(oldKeys.map(({ algorithm }) => algorithm))].join(", ")}).`
          : `The DS record of ${zone} uses SHA-1.`,
      evidence: [
        ...records.map((one) => `${signers?.saidBy}: ${zone} DS ${dsText(one)}`),
        ...oldKeys.map(keyLine),
      ],
      why: "Validators take such a zone for unsigned, more of them each year (RFC 8624), and DANE is then ignored.",
      fix:
        oldKeys.length > 0
          ? "Move the zone to algorithm 13 (ECDSA P-256 with SHA-256) at the DNS provider, and then replace the DS record."
          : "Give the registrar this DS record, and then remove the old one.",
      ...(ready.length === 0 ? {} : { record: ready.map((key) => signerLine(zone, key)).join("\n") }),
    },
  ];
}

function isKnownDigest(digestType: number, keys: readonly ZoneKey[]): boolean {
  return keys.some((key) => digestType in key.digests);
}

function isSignerOf(signer: DelegationSigner, key: ZoneKey): boolean {
  return (
    !key.isRevoked &&
    signer.keyTag === key.keyTag &&
    signer.algorithm === key.algorithm &&
    key.digests[signer.digestType]?.toLowerCase() === signer.digest.toLowerCase()
  );
}

/** The keys that a DS is meant for; each once, though every name server shows it. */
function entryPoints(keys: readonly ZoneKey[]): ZoneKey[] {
  const usable = keys.filter(({ isRevoked }) => !isRevoked);
  const chosen = usable.some(({ isEntryPoint }) => isEntryPoint)
    ? usable.filter(({ isEntryPoint }) => isEntryPoint)
    : usable;
  return [...new Map(chosen.map((key) => [`${key.keyTag} ${key.digests[sha256]}`, key])).values()];
}

function dsText({ keyTag, algorithm, digestType, digest }: DelegationSigner): string {
  return `${keyTag} ${algorithm} ${digestType} ${digest}`;
}

function keyLine({ saidBy, keyTag, algorithm, isEntryPoint }: ZoneKey): string {
  return `${saidBy}: DNSKEY ${keyTag}, algorithm ${algorithm}${isEntryPoint ? ", entry point" : ""}`;
}

function signatureLine({ saidBy, covers, keyTag, expiration }: ZoneSignature): string {
  return `${saidBy}: signature over ${covers} by key ${keyTag}, valid until ${momentMark(expiration)}`;
}
