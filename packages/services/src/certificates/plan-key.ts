import { certificateKeys, certificates, newId, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import { type CertificateRow, titleOf } from "./certificate-row.ts";
import { tellHost } from "./target-certificates.ts";

/**
 * Plans another key for a certificate and these names, which its host makes next. Where nothing is served yet it takes
 * the first one's place; else it follows, and what is installed stays. Gives the key's id.
 */
export async function planKey(
  tx: Transaction,
  ctx: ServiceContext,
  { row, names }: { row: CertificateRow; names: readonly string[] },
): Promise<string> {
  const { certificate } = row;
  const { organisationId, tenantId, serverId } = certificate;
  const now = ctx.now();
  const keyId = newId(now);
  await tx.insert(certificateKeys).values({
    id: keyId,
    organisationId,
    tenantId,
    serverId,
    certificateId: certificate.id,
    names: [...names],
    createdAt: now,
  });
  await tx
    .update(certificates)
    .set(
      certificate.chain === null
        ? { keyId, names: [...names], nextKeyId: null, nextNames: null }
        : { nextKeyId: keyId, nextNames: [...names], nextSeenSince: null },
    )
    .where(eq(certificates.id, certificate.id));
  const dropped = certificate.chain === null ? certificate.keyId : certificate.nextKeyId;
  if (dropped !== null) await tx.delete(certificateKeys).where(eq(certificateKeys.id, dropped));
  await tellHost(tx, ctx, { serverId, summary: `New TLS key for ${titleOf(row)}` });
  return keyId;
}
