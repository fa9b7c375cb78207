const rewritten = /^srs0[=+-][^=]+=[^=]+=([^=]+)=(.+)@[^@]+$/i;
const rewrittenAgain = /^srs1[=+-][^=]+=[^=]+==[^=]+=[^=]+=([^=]+)=(.+)@[^@]+$/i;

/**
 * The sender whose address was rewritten so that a forwarded message passes SPF at its receiver (SRS); null for an
 * address that was not.
 *
 * @example
 * originalSender("SRS0=HHH=TT=b.example=bob@mail.a.example") // "bob@b.example"
 */
export function originalSender(address: string): string | null {
  const [, domain, local] = rewritten.exec(address) ?? rewrittenAgain.exec(address) ?? [];
  return domain === undefined || local === undefined ? null : `${local}@${domain}`;
}
