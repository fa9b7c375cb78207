import { type RevocationReason, revocationReasons } from "@mailstead/core/certificates";
import { certificates, issuedCertificates, servers, type Transaction } from "@mailstead/db";
import { and, asc, eq, gt, isNull, ne } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { type CertificateRow, readCertificate } from "./certificate-row.ts";
import { hasSameKey, type IssuedRow, subjectOfIssued } from "./issued-row.ts";
import { keepCurrentForRevocation } from "./keep-for-revocation.ts";
import { planKey } from "./plan-key.ts";

const reasons = Object.keys(revocationReasons) as [RevocationReason, ...RevocationReason[]];

const revokeInput = z.object({
  issuedId: z.uuid(),
  reason: z.enum(reasons),
  /** Even while the host still shows it: clients that ask for revocations refuse it until another one is served. */
  isAtOnce: z.boolean().default(false),
});

/**
 * Has a certificate revoked by the account that it was issued to (RFC 8555 §7.6), and when its key has leaked, all others
 * of that key. What the host still shows waits until another one with another key is served, or is revoked at once when a
 * person says so. Throws `not-found`, `forbidden` to a technician when its domain or server was removed, and `conflict`
 * when it is revoked already, is being revoked, or has ended.
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
    if (row === null) requireRole(ctx, "admin");
    else await keepCurrentForRevocation(tx, { row, at: now });
    refuseWhatIsOver(issued, { isAtOnce, now });
    const others = reason === "key-compromise" ? await readOthersOfKey(tx, issued, now) : [];
    const all = [issued, ...others.filter((one) => !isOver(one, { isAtOnce, now }))];
    for (const one of all) await askFor(tx, ctx, { issued: one, reason, isAtOnce });
    if (row === null) return;
    const { certificate } = row;
    const isInForce = all.some(({ chainVersion }) => chainVersion === certificate.chainVersion);
    if (!isInForce || certificate.chain === null || certificate.nextKeyId !== null) return;
    await planKey(tx, ctx, { row, names: certificate.names });
    await tx.update(certificates).set({ nextAttemptAt: now }).where(eq(certificates.id, certificate.id));
  });
}

async function askFor(
  tx: Transaction,
  ctx: ServiceContext,
  { issued, reason, isAtOnce }: { issued: IssuedRow; reason: RevocationReason; isAtOnce: boolean },
): Promise<void> {
  const now = ctx.now();
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
    .where(eq(issuedCertificates.id, issued.id));
  const { organisationId, tenantId, serial, names, issuer } = issued;
  await recordAudit(tx, ctx, {
    organisationId,
    tenantId,
    action: "revoke-certificate",
    subject: subjectOfIssued(issued),
    after: { reason, isAtOnce, serial, names, issuer },
  });
}

/** A renewal keeps the key: what has leaked with one certificate has leaked with every other one of the key. */
async function readOthersOfKey(tx: Transaction, issued: IssuedRow, now: Date): Promise<IssuedRow[]> {
  const others = await tx
    .select()
    .from(issuedCertificates)
    .where(
      and(
        eq(issuedCertificates.certificateId, issued.certificateId),
        ne(issuedCertificates.id, issued.id),
        isNull(issuedCertificates.revokedAt),
        gt(issuedCertificates.notAfter, now),
      ),
    )
    .orderBy(asc(issuedCertificates.issuedAt), asc(issuedCertificates.id))
    .for("update");
  return others.filter((other) => hasSameKey(issued.pem, other.pem));
}

async function lockIssued(
  tx: Transaction,
  issuedId: string,
): Promise<{ issued: IssuedRow; row: CertificateRow | null }> {
  const gone = new ServiceError("not-found", "There is no such certificate.");
  const [at] = await tx
    .select({ serverId: issuedCertificates.serverId })
    .from(issuedCertificates)
    .where(eq(issuedCertificates.id, issuedId));
  if (at === undefined) throw gone;
  await tx.select({ id: servers.id }).from(servers).where(eq(servers.id, at.serverId)).for("update");
  const [issued] = await tx
    .select()
    .from(issuedCertificates)
    .where(eq(issuedCertificates.id, issuedId))
    .for("update");
  if (issued === undefined) throw gone;
  return { issued, row: await readCertificate(tx, issued.certificateId) };
}

interface Wish {
  isAtOnce: boolean;
  now: Date;
}

function isOver(issued: IssuedRow, wish: Wish): boolean {
  return whyOver(issued, wish) !== null;
}

function refuseWhatIsOver(issued: IssuedRow, wish: Wish): void {
  const why = whyOver(issued, wish);
  if (why !== null) throw new ServiceError("conflict", why);
}

function whyOver(issued: IssuedRow, { isAtOnce, now }: Wish): string | null {
  if (issued.revokedAt !== null) return "This certificate has been revoked already.";
  if (issued.notAfter <= now) return "This certificate has ended, so nobody trusts it any more.";
  // Whoever finds that waiting was wrong may still hurry.
  const hurries = isAtOnce && !issued.revokeAtOnce;
  return issued.nextRevokeAt !== null && !hurries ? "This certificate is being revoked already." : null;
}
