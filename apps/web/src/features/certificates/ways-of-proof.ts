import type { CertificateView } from "./certificate-standing.ts";

export type WayOfProof = Pick<CertificateView, "challenge" | "isWildcard">;

const byWeb: WayOfProof = { challenge: "http-01", isWildcard: false };

/**
 * How a certificate is asked for: again as the one that there is, so that whoever mended something changes nothing else,
 * or the other way. A domain's is a wildcard by DNS, a server's is for its own name alone.
 */
export function waysOf(
  known: WayOfProof | null,
  of: "domain" | "server",
): { again: WayOfProof; other: WayOfProof } {
  const again = known === null ? byWeb : { challenge: known.challenge, isWildcard: known.isWildcard };
  const other: WayOfProof =
    again.challenge === "http-01" ? { challenge: "dns-01", isWildcard: of === "domain" } : byWeb;
  return { again, other };
}
