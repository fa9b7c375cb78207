import { createPrivateKey, X509Certificate } from "node:crypto";
import type { RenderedCertificate } from "@mailstead/core/converge";

/** The certificates of a PEM chain, the one for the key first. Throws when the text holds none. */
export function readChain(chain: string): [X509Certificate, ...X509Certificate[]] {
  const blocks = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const [first, ...others] = blocks.map((block) => new X509Certificate(block));
  if (first === undefined) throw new Error("it holds no certificate");
  return [first, ...others];
}

/**
 * Says why a chain must not be served with a key, or null when it may: the key is its own, it is for all of the names,
 * it is valid now, and each certificate is signed by the one after it.
 */
export function certificateProblem(
  { names, chain }: Pick<RenderedCertificate, "names" | "chain">,
  { privateKey, nowUnixMs }: { privateKey: string; nowUnixMs: number },
): string | null {
  let certificates: X509Certificate[];
  try {
    certificates = readChain(chain);
    const [own] = certificates;
    if (own?.checkPrivateKey(createPrivateKey(privateKey)) !== true)
      return "it was issued for another key than the one on this host";
  } catch (error) {
    return `it cannot be read: ${(error as Error).message}`;
  }
  return (
    nameProblem(certificates[0], names) ??
    dateProblem(certificates[0], nowUnixMs) ??
    issuerProblem(certificates)
  );
}

function nameProblem(own: X509Certificate | undefined, names: readonly string[]): string | null {
  const granted = new Set(
    (own?.subjectAltName ?? "").split(", ").map((entry) => entry.replace(/^DNS:/, "").toLowerCase()),
  );
  const missing = names.filter((name) => !granted.has(name));
  return missing.length === 0 ? null : `it is not for ${missing.join(", ")}`;
}

function dateProblem(own: X509Certificate | undefined, nowUnixMs: number): string | null {
  const [from, until] = [Date.parse(own?.validFrom ?? ""), Date.parse(own?.validTo ?? "")];
  const now = new Date(nowUnixMs).toISOString();
  if (!(nowUnixMs >= from))
    return `it begins to be valid at ${own?.validFrom}, and the clock of this host says ${now}; compare the clocks`;
  if (!(nowUnixMs < until)) return `it ended at ${own?.validTo}, and the clock of this host says ${now}`;
  return null;
}

function issuerProblem(chain: readonly X509Certificate[]): string | null {
  for (const [at, certificate] of chain.entries()) {
    const issuer = chain[at + 1];
    if (issuer !== undefined && !certificate.verify(issuer.publicKey))
      return "its chain does not hold together: a certificate is not signed by the next one";
  }
  return null;
}
