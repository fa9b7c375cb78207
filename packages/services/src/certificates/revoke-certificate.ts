import { X509Certificate } from "node:crypto";
import { type RevocationReason, revocationReasons } from "@mailstead/core/certificates";
import { certificates, issuedCertificates, servers, type Transaction } from "@mailstead/db";
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
import { readCertificate, titleOf } from "./certificate-row.ts";
import { planKey } from "./plan-key.ts";

const reasons = Object.keys(revocationReasons) as [RevocationReason, ...RevocationReason[]];

const revokeInput = z.object({
  issuedId: z.uuid(),
  reason: z.enum(reasons),
  /** Even while the host still shows it: clients that ask for revocations refuse it until another one is served. */
  isAtOnce: z.boolean().default(false),
});

/**
 * Has a certificate revoked by the account that it was issued to (RFC 8555 §7.6). When the host still shows it, another
 * one with another key is ordered first, and it is revoked once that is served, or at once when a person says so. Throws
 * `not-found`, and `conflict` when it is revoked already, is being revoked, or has ended.
 */
export async function revokeCertificate(
  ctx: ServiceContext,
  input: z.input<typeof revokeInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { issuedId, reason, isAtOnce } = parseInput(revokeInput, input);
  const now = ctx.now();
  await withTransaction(ctx, async (tx) => {
    const { issued, row } = await lockIssued(tx, issuedId);
    refuseWhatIsOver(issued, { isAtOnce, now });
    await tx
      .update(issuedCertificates)
      .set({
        revokeRequestedAt: now,
        revokeRequestedBy: ctx.actor.name,
        revokeReason: reason,
        revokeAtOnce: isAtOnce,
        nextRevokeAt: now,
        revokeAttempts: 0,
        revokeProblem: null,
      })
      .where(eq(issuedCertificates.id, issuedId));
    const { certificate } = row;
    if (needsAnotherKey(certificate, { issued, reason }) && certificate.nextKeyId === null) {
      await planKey(tx, ctx, { row, names: certificate.names });
      await tx.update(certificates).set({ nextAttemptAt: now }).where(eq(certificates.id, certificate.id));
    }
    const { organisationId, tenantId, domainId, serverId } = certificate;
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "revoke-certificate",
      subject:
        domainId === null
          ? { kind: "server", id: serverId, name: row.server.name }
          : { kind: "domain", id: domainId, name: titleOf(row) },
      after: { reason, isAtOnce, serial: issued.serial, names: issued.names, issuer: issued.issuer },
    });
  });
}

/** A renewal keeps the key: what has leaked with an earlier certificate has leaked with the one in force. */
function needsAnotherKey(
  { chain, chainVersion }: typeof certificates.$inferSelect,
  { issued, reason }: { issued: typeof issuedCertificates.$inferSelect; reason: RevocationReason },
): boolean {
  if (chain === null) return false;
  if (chainVersion === issued.chainVersion) return true;
  const keyOf = (pem: string) => new X509Certificate(pem).publicKey;
  return reason === "key-compromise" && keyOf(chain).equals(keyOf(issued.pem));
}

async function lockIssued(tx: Transaction, issuedId: string) {
  const gone = new ServiceError("not-found", "There is no such certificate.");
  const [at] = await tx
    .select({ serverId: issuedCertificates.serverId, certificateId: issuedCertificates.certificateId })
    .from(issuedCertificates)
    .where(eq(issuedCertificates.id, issuedId));
  if (at === undefined) throw gone;
  await tx.select({ id: servers.id }).from(servers).where(eq(servers.id, at.serverId)).for("update");
  const [issued] = await tx
    .select()
    .from(issuedCertificates)
    .where(eq(issuedCertificates.id, issuedId))
    .for("update");
  const row = await readCertificate(tx, at.certificateId);
  if (issued === undefined || row === null) throw gone;
  return { issued, row };
}

function refuseWhatIsOver(
  issued: typeof issuedCertificates.$inferSelect,
  { isAtOnce, now }: { isAtOnce: boolean; now: Date },
): void {
  if (issued.revokedAt !== null)
    throw new ServiceError("conflict", "This certificate has been revoked already.");
  if (issued.notAfter <= now)
    throw new ServiceError("conflict", "This certificate has ended, so nobody trusts it any more.");
  // Whoever finds that waiting was wrong may still hurry.
  const hurries = isAtOnce && !issued.revokeAtOnce;
  if (issued.nextRevokeAt !== null && !hurries)
    throw new ServiceError("conflict", "This certificate is being revoked already.");
}
