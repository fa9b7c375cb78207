import { createHash } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { CertificateFacts } from "@mailstead/core/checks";

/** The certificate that the other side of a connection showed. Throws when TLS does not stand. */
export function shownCertificate(tls: TLSSocket): CertificateFacts {
  const shown = tls.getPeerCertificate();
  const whole = tls.getPeerX509Certificate();
  const issuer = shown.issuer as { O?: string; CN?: string } | undefined;
  const names = (shown.subjectaltname ?? "")
    .split(", ")
    .flatMap((entry) => (entry.startsWith("DNS:") ? [entry.slice(4)] : []));
  return {
    names,
    issuer: [issuer?.O, issuer?.CN].filter((part) => part !== undefined).join(", "),
    expiresAt: new Date(shown.valid_to ?? 0),
    untrusted: tls.authorized ? null : String(tls.authorizationError),
    key: whole === undefined ? null : keyOf(whole.publicKey),
    // Versions of Node before 24 do not say it.
    signature: whole?.signatureAlgorithm ?? null,
    digests:
      whole === undefined
        ? null
        : {
            ofKey: sha256(whole.publicKey.export({ type: "spki", format: "der" })),
            ofCertificate: sha256(whole.raw),
          },
  };
}

const curveBits: Readonly<Record<string, number>> = {
  prime256v1: 256,
  secp384r1: 384,
  secp521r1: 521,
  secp224r1: 224,
  prime192v1: 192,
};

function keyOf({
  asymmetricKeyType: type,
  asymmetricKeyDetails: details,
}: {
  asymmetricKeyType?: string | undefined;
  asymmetricKeyDetails?: { modulusLength?: number; namedCurve?: string } | undefined;
}): CertificateFacts["key"] {
  const bits = details?.modulusLength ?? curveBits[details?.namedCurve ?? ""];
  return type === undefined || bits === undefined ? null : { type, bits };
}

function sha256(octets: Buffer): string {
  return createHash("sha256").update(octets).digest("hex");
}
