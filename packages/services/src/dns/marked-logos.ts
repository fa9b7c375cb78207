import type { X509Certificate } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";
import { id_pe_logotype, LogotypeExtn } from "@peculiar/asn1-x509-logotype";

// Far more than any provider shows; a stranger's file could unpack to hundreds of megabytes.
const logoSizeMaxBytes = 1_048_576;

/**
 * The logos that a mark certificate holds (RFC 9399 §4.1, as data: addresses), unpacked; empty where it holds none that
 * can be read.
 */
export function markedLogos(certificate: X509Certificate): string[] {
  try {
    const { extensions = [] } = AsnConvert.parse(certificate.raw, Certificate).tbsCertificate;
    const extension = extensions.find(({ extnID }) => extnID === id_pe_logotype);
    if (extension === undefined) return [];
    const { subjectLogo } = AsnConvert.parse(extension.extnValue, LogotypeExtn);
    return (subjectLogo?.direct?.image ?? [])
      .flatMap(({ imageDetails }) => imageDetails.logotypeURI)
      .flatMap((uri) => unpacked(uri) ?? []);
  } catch {
    // Whatever a stranger wrote there; that no logo can be read is the finding.
    return [];
  }
}

function unpacked(uri: string): string | null {
  const [, packed] = /^data:image\/svg\+xml[^,]*;base64,(.+)$/is.exec(uri) ?? [];
  if (packed === undefined) return null;
  return gunzipSync(Buffer.from(packed, "base64"), { maxOutputLength: logoSizeMaxBytes }).toString("utf8");
}
