export { type AcmeSettings, defaultDirectoryUrl } from "./acme-settings.ts";
export { type Advance, advanceCertificate } from "./advance-certificate.ts";
export { readCertificateAuthority } from "./certificate-authority.ts";
export { changeCertificateKey } from "./change-certificate-key.ts";
export {
  type CertificateFinding,
  type CertificateView,
  listCertificateFindings,
  listCertificates,
} from "./list-certificates.ts";
export { createLookAtHost, type LookAtHost } from "./look-at-host.ts";
export { requestCertificate } from "./request-certificate.ts";
export { type CertificateRun, type CertificateWork, runDueCertificates } from "./run-due-certificates.ts";
export { readTlsKeyDigests } from "./tls-key-digests.ts";
