import { X509Certificate } from "node:crypto";
import { acmeOrders, issuedCertificates, newId, type Transaction } from "@mailstead/db";
import { and, desc, eq, lt } from "drizzle-orm";
import { type CertificateRow, titleOf } from "./certificate-row.ts";
import type { CheckedChain } from "./check-chain.ts";

export interface Issued extends CheckedChain {
  names: string[];
  /** Whose account may revoke it; null when that is not known any more. */
  directoryUrl: string | null;
}

/**
 * Keeps a certificate for as long as it is valid: so long it can be revoked, also when another one has its place, or when
 * its domain or its server is gone.
 */
export async function keepForRevocation(
  tx: Transaction,
  { row, issued, at }: { row: CertificateRow; issued: Issued; at: Date },
): Promise<void> {
  const { id: certificateId, organisationId, tenantId, serverId, domainId } = row.certificate;
  const { chain, version: chainVersion, ...told } = issued;
  const own = new X509Certificate(chain);
  await tx
    .insert(issuedCertificates)
    .values({
      ...told,
      id: newId(at),
      organisationId,
      tenantId,
      serverId,
      certificateId,
      domainId,
      title: titleOf(row),
      serverName: row.server.name,
      chainVersion,
      pem: own.toString(),
      serial: own.serialNumber.toLowerCase(),
      issuedAt: at,
    })
    .onConflictDoNothing();
  await tx
    .delete(issuedCertificates)
    .where(and(eq(issuedCertificates.organisationId, organisationId), lt(issuedCertificates.notAfter, at)));
}

/** Keeps the certificate in force when it was issued before any was kept. */
export async function keepCurrentForRevocation(
  tx: Transaction,
  { row, at }: { row: CertificateRow; at: Date },
): Promise<void> {
  const { id, chain, chainVersion: version, issuer, notBefore, notAfter, names } = row.certificate;
  if (chain === null || version === null || issuer === null || notBefore === null || notAfter === null)
    return;
  const [known] = await tx
    .select({ id: issuedCertificates.id })
    .from(issuedCertificates)
    .where(and(eq(issuedCertificates.certificateId, id), eq(issuedCertificates.chainVersion, version)));
  if (known !== undefined) return;
  const [order] = await tx
    .select({ directoryUrl: acmeOrders.directoryUrl })
    .from(acmeOrders)
    .where(and(eq(acmeOrders.certificateId, id), eq(acmeOrders.outcome, "issued")))
    .orderBy(desc(acmeOrders.createdAt))
    .limit(1);
  const issued = {
    chain,
    version,
    issuer,
    notBefore,
    notAfter,
    names,
    directoryUrl: order?.directoryUrl ?? null,
  };
  await keepForRevocation(tx, { row, issued, at });
}
