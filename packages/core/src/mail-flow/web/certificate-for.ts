/** A certificate that a CA issued, as far as a name server of TLS must know it. */
export interface NamedCertificate {
  id: string;
  /** DNS names; one that begins with `*.` stands for every single label there (RFC 6125 §6.4.3). */
  names: readonly string[];
}

/**
 * The certificate that covers a name: one that says it outright before one that covers it by a wildcard, and of several
 * the first. Null when none does.
 */
export function certificateFor(
  name: string,
  certificates: readonly NamedCertificate[],
): NamedCertificate | null {
  const wildcard = `*${name.slice(name.indexOf("."))}`;
  return (
    certificates.find(({ names }) => names.includes(name)) ??
    certificates.find(({ names }) => names.includes(wildcard)) ??
    null
  );
}
