/**
 * A mail address as a mailto: address inside a list of DMARC or TLS-RPT, where commas, semicolons and exclamation marks
 * have a meaning of their own (RFC 7489 §6.4, RFC 8460 §3).
 */
export function mailtoUri(address: string): string {
  const encoded = encodeURI(address).replace(
    /[,;!?#&]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `mailto:${encoded}`;
}

/** The same for an address that may be an https: one already. */
export function reportUri(address: string): string {
  return /^https:\/\//i.test(address)
    ? address.replace(/[,;!]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    : mailtoUri(address);
}
