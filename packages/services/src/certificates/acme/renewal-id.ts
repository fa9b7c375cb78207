import { X509Certificate } from "node:crypto";

const authorityKeyIdentifier = Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x23]);

/**
 * How a CA knows one of its certificates when it is asked about its renewal: the key identifier of its issuer and its
 * serial number (RFC 9773 §4.1). Null for a certificate without such an identifier.
 */
export function renewalId(chain: string): string | null {
  const certificate = new X509Certificate(chain);
  const keyId = readAuthorityKeyId(certificate.raw);
  if (keyId === null) return null;
  const serial = Buffer.from(
    certificate.serialNumber.padStart(
      certificate.serialNumber.length + (certificate.serialNumber.length % 2),
      "0",
    ),
    "hex",
  );
  // DER: a first bit that is set would make the number negative.
  const der = (serial[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), serial]) : serial;
  return `${keyId.toString("base64url")}.${der.toString("base64url")}`;
}

/** The keyIdentifier, context tag 0, of the extension (RFC 5280 §4.2.1.1). */
function readAuthorityKeyId(der: Buffer): Buffer | null {
  const at = der.indexOf(authorityKeyIdentifier);
  if (at < 0) return null;
  const { bytes: value } = readElement(der, at + authorityKeyIdentifier.length);
  const { bytes: sequence } = readElement(value, 0);
  if (sequence[0] !== 0x80) return null;
  return readElement(sequence, 0).bytes;
}

/** One DER element (X.690 §8.1); its lengths here never exceed two octets. */
function readElement(der: Buffer, at: number): { bytes: Buffer } {
  const short = der[at + 1] ?? 0;
  const longOctets = short >= 0x80 ? short - 0x80 : 0;
  const length = longOctets === 0 ? short : der.readUIntBE(at + 2, longOctets);
  const from = at + 2 + longOctets;
  return { bytes: der.subarray(from, from + length) };
}
