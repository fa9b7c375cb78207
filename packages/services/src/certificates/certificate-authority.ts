import type { CertificateAuthority } from "@mailstead/core/dns";
import { certificates, type Transaction } from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";

/**
 * Who issues the certificate of a server's own name, as it wants to be named in CAA records. Null while nobody does, and
 * for a certificate that was ordered before that was kept.
 */
export async function readCertificateAuthority(
  tx: Transaction,
  serverId: string,
): Promise<CertificateAuthority | null> {
  const [row] = await tx
    .select({
      issuer: certificates.caaIssuer,
      accountUrl: certificates.accountUrl,
    })
    .from(certificates)
    .where(and(eq(certificates.serverId, serverId), isNull(certificates.domainId)));
  if (row === undefined || row.issuer === null) return null;
  return { issuer: row.issuer, ...(row.accountUrl === null ? {} : { accountUrl: row.accountUrl }) };
}
