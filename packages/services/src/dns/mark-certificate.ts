// Programs that compile this file read their own folders alone.
/// <reference path="./postalsys-vmc.d.ts" />

import { X509Certificate } from "node:crypto";
import type { MarkCertificate } from "@mailstead/core/checks";
import { RootStore } from "@postalsys/vmc";

/** id-kp-BrandIndicatorforMessageIdentification. */
const logoUse = "1.3.6.1.5.5.7.3.31";
// Two intermediates are usual; a longer chain is nobody's who issues marks.
const certificatesMax = 6;

/**
 * Reads what is served as a mark certificate: the certificate first, then each that signed the one before it. Null when
 * the text holds no certificate. The signatures are verified here, because names alone prove nothing.
 */
export function readMarkCertificate(
  text: string,
  roots: readonly X509Certificate[] = knownMarkRoots(),
): MarkCertificate | null {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const chain: X509Certificate[] = [];
  try {
    for (const block of blocks.slice(0, certificatesMax)) chain.push(new X509Certificate(block));
  } catch {
    // Whatever a stranger serves there; that it is none is the finding.
    return null;
  }
  const [own] = chain;
  const last = chain.at(-1);
  if (own === undefined || last === undefined) return null;
  const isRootKnown = roots.some(
    (root) => root.fingerprint256 === last.fingerprint256 || hasSigned(root, last),
  );
  return {
    startsAt: new Date(Math.max(...chain.map(({ validFrom }) => Date.parse(validFrom)))),
    expiresAt: new Date(Math.min(...chain.map(({ validTo }) => Date.parse(validTo)))),
    isForLogos: (own.keyUsage ?? []).includes(logoUse),
    names: (own.subjectAltName ?? "")
      .split(", ")
      .flatMap((entry) => (entry.startsWith("DNS:") ? [entry.slice(4)] : [])),
    issuer: own.issuer.replaceAll("\n", ", "),
    chainProblem: chainProblem(chain, isRootKnown),
    isRootKnown,
  };
}

function chainProblem(chain: readonly X509Certificate[], isRootKnown: boolean): string | null {
  if (chain.length === 1 && !isRootKnown) return "the certificate stands alone, without those of its issuers";
  const broken = chain.find((one, at) => {
    const next = chain[at + 1];
    return next !== undefined && !hasSigned(next, one);
  });
  return broken === undefined
    ? null
    : `the certificate of ${nameOf(broken)} was not signed by the one that follows it`;
}

function hasSigned(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function nameOf({ subject }: X509Certificate): string {
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll("\n", ", ");
}

let known: readonly X509Certificate[] | undefined;

/** The roots of the mark authorities that providers name, as the library that mailauth verifies logos with keeps them. */
export function knownMarkRoots(): readonly X509Certificate[] {
  const roots = known ?? RootStore.create().rootCerts;
  known = roots;
  return roots;
}
