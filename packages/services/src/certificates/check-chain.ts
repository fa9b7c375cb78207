import { createHash, X509Certificate } from "node:crypto";
import { AcmeError } from "./acme/acme-error.ts";

export interface CheckedChain {
  /** PEM as we write it, whatever line ends the CA sent. */
  chain: string;
  /** Another for each chain. */
  version: string;
  issuer: string;
  notBefore: Date;
  notAfter: Date;
}

/**
 * Reads a chain that a CA has issued for a key. Throws AcmeError `bad-chain`, so that it never reaches a host, when it is
 * for another key or not for all of the names, is not valid now, or does not hold together.
 */
export function checkChain(
  text: string,
  { names, spkiSha256, now }: { names: readonly string[]; spkiSha256: string; now: Date },
): CheckedChain {
  const certificates = readCertificates(text);
  const [own] = certificates;
  if (own === undefined) throw bad("it holds no certificate");
  const spki = own.publicKey.export({ format: "der", type: "spki" });
  if (createHash("sha256").update(spki).digest("hex") !== spkiSha256) throw bad("it is for another key");
  const granted = new Set(
    (own.subjectAltName ?? "").split(", ").map((entry) => entry.replace(/^DNS:/, "").toLowerCase()),
  );
  const missing = names.filter((name) => !granted.has(name));
  if (missing.length > 0) throw bad(`it is not for ${missing.join(", ")}`);
  const [notBefore, notAfter] = [new Date(own.validFrom), new Date(own.validTo)];
  if (notBefore > now || notAfter <= now)
    throw bad(
      `it is valid from ${own.validFrom} to ${own.validTo}, and the clock here says ${now.toISOString()}; compare the clocks`,
    );
  for (const [at, certificate] of certificates.entries()) {
    const issuer = certificates[at + 1];
    if (issuer !== undefined && !certificate.verify(issuer.publicKey))
      throw bad("its chain does not hold together");
  }
  const chain = certificates.map((certificate) => certificate.toString()).join("");
  const version = createHash("sha256").update(chain).digest("hex").slice(0, 16);
  return { chain, version, issuer: issuerOf(own), notBefore, notAfter };
}

function readCertificates(text: string): X509Certificate[] {
  try {
    const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw bad(`it cannot be read (${(cause as Error).message})`);
  }
}

function issuerOf(certificate: X509Certificate): string {
  const part = (name: string) => new RegExp(`(?:^|\\n)${name}=(.*)`).exec(certificate.issuer)?.[1];
  const [organisation, common] = [part("O"), part("CN")];
  return [organisation, common].filter((text) => text !== undefined).join(", ") || certificate.issuer;
}

function bad(detail: string): AcmeError {
  return new AcmeError({ kind: "bad-chain", detail });
}
