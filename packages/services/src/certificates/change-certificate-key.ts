import { certificates, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { getServerForChange } from "../servers/index.ts";
import { readCertificate, titleOf } from "./certificate-row.ts";
import { planKey } from "./plan-key.ts";

const changeKeyInput = z.object({ certificateId: z.uuid() });

/**
 * Has a certificate follow with another key. The host makes it; its TLSA record stands beside the old one for a whole
 * time to live before it is used. Throws `not-found`, and `conflict` while such a change is under way.
 */
export async function changeCertificateKey(
  ctx: ServiceContext,
  input: z.input<typeof changeKeyInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { certificateId } = parseInput(changeKeyInput, input);
  await withTransaction(ctx, async (tx) => {
    await lockServerOf(tx, certificateId);
    const row = await readCertificate(tx, certificateId);
    if (row === null) throw new ServiceError("not-found", "There is no such certificate.");
    const { certificate } = row;
    if (certificate.chain === null || certificate.nextKeyId !== null)
      throw new ServiceError("conflict", `A new key for ${titleOf(row)} is under way already.`);
    const keyId = await planKey(tx, ctx, { row, names: certificate.names });
    await tx.update(certificates).set({ nextAttemptAt: ctx.now() }).where(eq(certificates.id, certificateId));
    const { organisationId, tenantId, domainId, serverId } = certificate;
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "change-certificate-key",
      subject:
        domainId === null
          ? { kind: "server", id: serverId, name: row.server.name }
          : { kind: "domain", id: domainId, name: titleOf(row) },
      before: { keyId: certificate.keyId },
      after: { keyId },
    });
  });
}

/** Lets nobody plan another key, nor keep a chain, in the same moment. */
async function lockServerOf(tx: Transaction, certificateId: string): Promise<void> {
  const [at] = await tx
    .select({ serverId: certificates.serverId })
    .from(certificates)
    .where(eq(certificates.id, certificateId));
  if (at !== undefined) await getServerForChange(tx, at.serverId);
}
