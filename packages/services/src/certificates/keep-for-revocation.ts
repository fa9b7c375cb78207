import { X509Certificate } from "node:crypto";
import { acmeOrders, issuedCertificates, newId, type Transaction } from "@mailstead/db";
import { and, asc, desc, eq, gt, lt } from "drizzle-orm";
import { type CertificateRow, titleOf } from "./certificate-row.ts";
import type { CheckedChain } from "./check-chain.ts";
import { hasSameKey } from "./issued-row.ts";

export interface Issued extends CheckedChain {
  names: string[];
  /** Whose account may revoke it; null when that is not known any more. */
  directoryUrl: string | null;
}

/**
 * Keeps a certificate for as long as it is valid: so long it can be revoked, also when another one has its place, or when
 * its domain or its server is gone. One that the CA was issuing when its key was said to have leaked is revoked with the
 * others of that key.
 */
export async function keepForRevocation(
  tx: Transaction,
  { row, issued, at }: { row: CertificateRow; issued: Issued; at: Date },
): Promise<void> {
  const { id: certificateId, organisationId, tenantId, serverId, domainId } = row.certificate;
  const { chain, version: chainVersion, ...told } = issued;
  const own = new X509Certificate(chain);
  const leak = await readLeak(tx, { certificateId, pem: own.toString(), at });
  await tx
    .insert(issuedCertificates)
    .values({
      ...told,
      ...leak,
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

/** What somebody has said of the key of a certificate that was issued in the same moment; null when nobody has. */
async function readLeak(
  tx: Transaction,
  { certificateId, pem, at }: { certificateId: string; pem: string; at: Date },
) {
  const { revokeRequestedAt, revokeRequestedBy, revokeReason, revokeAtOnce } = issuedCertificates;
  const leaked = await tx
    .select({
      pem: issuedCertificates.pem,
      said: { revokeRequestedAt, revokeRequestedBy, revokeReason, revokeAtOnce },
    })
    .from(issuedCertificates)
    .where(
      and(
        eq(issuedCertificates.certificateId, certificateId),
        eq(revokeReason, "key-compromise"),
        gt(issuedCertificates.notAfter, at),
      ),
    )
    .orderBy(asc(issuedCertificates.issuedAt));
  const said = leaked.find((one) => hasSameKey(one.pem, pem))?.said;
  return said === undefined ? null : { ...said, nextRevokeAt: at };
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
