/** A certificate authority that is offered by name. */
export interface KnownAuthority {
  name: string;
  directoryUrl: string;
  /** Where people read what they agree to. */
  termsUrl: string;
}

export const letsEncrypt: KnownAuthority = {
  name: "Let's Encrypt",
  directoryUrl: "https://acme-v02.api.letsencrypt.org/directory",
  termsUrl: "https://letsencrypt.org/repository/",
};

/** The authority that a directory belongs to, when it is one that we know by name. */
export function knownAuthority(directoryUrl: string): KnownAuthority | null {
  return directoryUrl === letsEncrypt.directoryUrl ? letsEncrypt : null;
}

const securely = /^https:\/\/[^\s/@?#]+(?:[/?]\S*)?$/;
const onThisMachine = /^http:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?(?:[/?]\S*)?$/;

/**
 * Whether an address may be a CA's directory: ACME is spoken over HTTPS only (RFC 8555 §6.1). Without it only on this very
 * machine, where nobody listens in between.
 */
export function isDirectoryUrl(text: string): boolean {
  return securely.test(text) || onThisMachine.test(text);
}
