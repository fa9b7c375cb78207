export { acceptTerms } from "./accept-terms.ts";
export { type AcmeDefaults, defaultDirectoryUrl } from "./acme-settings.ts";
export type { Advance } from "./advance.ts";
export { advanceCertificate } from "./advance-certificate.ts";
export { readCertificateAuthority } from "./certificate-authority.ts";
export { changeAuthority } from "./change-authority.ts";
export { changeCertificateKey } from "./change-certificate-key.ts";
export { type AuthorityView, getAuthority } from "./get-authority.ts";
export {
  type CertificateFinding,
  listCertificateFindings,
  type TermsWanted,
  wantedTerms,
} from "./list-certificate-findings.ts";
export { type CertificateView, listCertificates } from "./list-certificates.ts";
export { type CertificateLook, listCertificateLooks } from "./list-looks.ts";
export { listRemovedCertificates, type RemovedCertificate } from "./list-removed-certificates.ts";
export { createLookAtHost, type LookAtHost } from "./look-at-host.ts";
export { recordCertificateFindings } from "./record-certificate-findings.ts";
export { requestCertificate } from "./request-certificate.ts";
export { revokeCertificate } from "./revoke-certificate.ts";
export { type CertificateRun, type CertificateWork, runDueCertificates } from "./run-due-certificates.ts";
export { type RevocationRun, runDueRevocations } from "./run-due-revocations.ts";
export { readTlsKeyDigests } from "./tls-key-digests.ts";
