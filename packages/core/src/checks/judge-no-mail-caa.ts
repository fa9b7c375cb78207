import { type CheckFinding, type InheritedCaa, parseCaa } from "../dns/index.ts";

export interface NoMailCaa {
  /** A domain without mail. */
  domain: string;
  /** Its own CAA records, as a zone file shows them. */
  own: readonly string[];
  /** What holds where it has none. */
  inherited: Extract<InheritedCaa, { kind: "inherited" | "none" }>;
  /** Names of the domain and below that are known to be in use, each with what is known of it, in words. */
  inUse: readonly { name: string; why: string }[];
}

/**
 * Advises a domain without mail to say who may issue certificates for it. Nothing is planned, because the record holds for
 * every name below that has none of its own (RFC 8659 §3): one that forbids all would end the certificates of a web site
 * that nobody told us of. The record to paste comes only where nothing is known to be in use.
 */
export function judgeNoMailCaa({ domain, own, inherited, inUse }: NoMailCaa): CheckFinding<"caa-missing">[] {
  const holding = own.length > 0 ? own : inherited.kind === "inherited" ? inherited.values : [];
  if (holding.some((text) => parseCaa(text).tag === "issue")) return [];
  const names = [...new Set(inUse.map(({ name }) => name))];
  return [
    {
      kind: "caa-missing",
      about: domain,
      severity: "instruction",
      sentence: `No CAA record says who may issue certificates for ${domain}, which has no mail.`,
      evidence: [
        `${domain} CAA: ${own.join(", ") || "none"}`,
        ...inUse.map(({ name, why }) => `${name}: ${why}`),
      ],
      why: "Any certificate authority may issue one, and nobody looks after a domain that is not used; forgers pretend to be it with a valid certificate.",
      fix:
        names.length > 0
          ? `Publish a CAA record that names the authority of ${names.join(", ")}; it holds for every name below ${domain} that has none of its own.`
          : `If nothing at ${domain} or below it needs a certificate, publish this record, which forbids all of them; else name the authority in place of the semicolon.`,
      ...(names.length > 0 ? {} : { record: `${domain}. IN CAA 0 issue ";"` }),
    },
  ];
}
