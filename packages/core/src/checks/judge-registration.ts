import type { CheckFinding } from "../dns/index.ts";

export type RegistrationFindingKind = "domain-expiring" | "domain-on-hold" | "domain-unlocked";
type Finding = CheckFinding<RegistrationFindingKind>;

/** What the register says of a domain (RFC 9083 §5.3). */
export interface Registration {
  /** The name that is registered: the domain itself or one above it. */
  name: string;
  /** Where it was asked. */
  source: string;
  /** As ISO text; null when the register does not tell. */
  expiresAt: string | null;
  /** In small letters, like "client transfer prohibited". */
  statuses: readonly string[];
}

const dayMs = 86_400_000;
const warnMs = 30 * dayMs;
const alarmMs = 7 * dayMs;
/** The zone is not published, or soon will not be. */
const holds = ["client hold", "server hold", "redemption period", "pending delete"];
const locks = ["client transfer prohibited", "server transfer prohibited", "transfer prohibited", "locked"];

/** Judges whether a domain stays its owner's. */
export function judgeRegistration({ name, source, expiresAt, statuses }: Registration, now: Date): Finding[] {
  const evidence = [
    `${source}: ${name} until ${expiresAt ?? "an unknown day"}; ${statuses.join(", ") || "no status"}`,
  ];
  const found: Finding[] = [];
  const leftMs = expiresAt === null ? null : new Date(expiresAt).getTime() - now.getTime();
  if (leftMs !== null && expiresAt !== null && leftMs < warnMs)
    found.push({
      kind: "domain-expiring",
      about: name,
      severity: leftMs < alarmMs ? "error" : "warning",
      sentence:
        leftMs <= 0
          ? `The domain ${name} has expired.`
          : `The domain ${name} expires on ${expiresAt.slice(0, 10)}.`,
      evidence,
      why: "From then on nobody finds its mail servers, and later somebody else can register it and read its mail.",
      fix: "Renew it at the registrar, and let it renew by itself.",
    });
  const held = statuses.filter((status) => holds.includes(status));
  if (held.length > 0)
    found.push({
      kind: "domain-on-hold",
      about: name,
      severity: "error",
      sentence: `The register does not publish ${name}: ${held.join(", ")}.`,
      evidence,
      why: "Nobody finds the domain, so no mail arrives.",
      fix: "Ask the registrar what is missing: often a payment, or the owner's mail address was never confirmed.",
    });
  // A register that tells no status at all says nothing of locks either.
  if (statuses.length > 0 && !statuses.some((status) => locks.includes(status)))
    found.push({
      kind: "domain-unlocked",
      about: name,
      severity: "instruction",
      sentence: `${name} is not locked against a move to another registrar.`,
      evidence,
      why: "Whoever gets at the account or its mail can take the domain away, and all its mail with it.",
      fix: "Switch the transfer lock on at the registrar.",
    });
  return found;
}
