/** How this installation gets certificates, as its operator has set it. */
export interface AcmeSettings {
  directoryUrl: string;
  /** Certificates in PEM by which a private CA's own server is trusted; empty for a public CA. */
  trusted: readonly string[];
  /** Mail address that the CA may write to; "" gives it none. */
  contact: string;
  /** Whether the operator has agreed to the CA's terms; nothing is asked for before. */
  areTermsAgreed: boolean;
}

export const defaultDirectoryUrl = "https://acme-v02.api.letsencrypt.org/directory";
