import {
  acmeProblemCode,
  failureSentence,
  planNextAttempt,
  planRevocation,
  revocationReasons,
} from "@mailstead/core/certificates";
import { issuedCertificates } from "@mailstead/db";
import { and, asc, eq, lte } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import {
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { AcmeError } from "./acme/acme-error.ts";
import { type CertificateRow, readCertificate } from "./certificate-row.ts";
import { type IssuedRow, subjectOfIssued } from "./issued-row.ts";
import { findAccount } from "./open-account.ts";
import type { CertificateWork } from "./run-due-certificates.ts";

const revocationsPerRun = 20;
const claimedForMs = 3 * 60_000;
/** How soon it is seen that another certificate is served. */
const servedCheckMs = 60_000;

export interface RevocationRun {
  revoked: { issuedId: string; serial: string }[];
  failed: { issuedId: string; cause: unknown }[];
}

interface Revoking {
  /** Null when what it was issued for was removed, so that no host of ours shows it. */
  row: CertificateRow | null;
  issued: IssuedRow;
}

/** Revokes what people asked to be revoked and what is not shown by its host any more. */
export async function runDueRevocations(
  ctx: SystemContext,
  { app, installation, opener }: Pick<CertificateWork, "app" | "installation" | "opener">,
): Promise<RevocationRun> {
  const run: RevocationRun = { revoked: [], failed: [] };
  const rows = await findDue(ctx);
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, row) => {
    const revoking = await claim(own, row);
    if (revoking === null) return undefined;
    const { issued } = revoking;
    const plan = planRevocation(factsOf(revoking), ctx.now());
    if (plan.kind === "needless") await keep(own, issued.id, { nextRevokeAt: null });
    if (plan.kind === "wait")
      await keep(own, issued.id, { nextRevokeAt: new Date(ctx.now().getTime() + servedCheckMs) });
    if (plan.kind === "revoke") {
      const problem = await revoke(ctx, { issued, opener });
      if (problem === null) {
        await keepRevoked(own, issued);
        run.revoked.push({ issuedId: issued.id, serial: issued.serial });
      } else await keepProblem(own, { issued, problem });
    }
    return undefined;
  });
  run.failed.push(...failed.map(({ row: { issuedId }, cause }) => ({ issuedId, cause })));
  return run;
}

function factsOf({ row, issued }: Revoking) {
  const { revokeAtOnce: isAtOnce, notAfter } = issued;
  if (row === null) return { isServed: false, isAtOnce, notAfter };
  const { certificate, server } = row;
  const isInForce = certificate.chainVersion === issued.chainVersion;
  const isSuccessorServed =
    certificate.issuedRevision !== null && server.appliedRevision >= certificate.issuedRevision;
  return {
    isServed: isInForce || !isSuccessorServed,
    isAtOnce,
    notAfter,
  };
}

/** Null once the CA has revoked it. */
async function revoke(
  ctx: SystemContext,
  { issued, opener }: { issued: IssuedRow; opener: CertificateWork["opener"] },
): Promise<AcmeError | null> {
  const { organisationId, directoryUrl, pem, revokeReason } = issued;
  const account =
    directoryUrl === null ? null : await findAccount(ctx, { organisationId, directoryUrl, opener });
  if (account === null)
    return new AcmeError({
      kind: "not-ready",
      detail:
        "The account that this certificate was issued to cannot be used any more, so Mailstead cannot revoke it; ask the certificate authority, which takes the certificate's own key as a proof too (RFC 8555 §7.6)",
      isPermanent: true,
    });
  try {
    await account.client.revoke(pem, revocationReasons[revokeReason ?? "unspecified"]);
    return null;
  } catch (error) {
    if (!(error instanceof AcmeError)) throw error;
    const { failure } = error;
    const isRevoked = failure.kind === "ca-problem" && acmeProblemCode(failure.type) === "alreadyRevoked";
    return isRevoked ? null : error;
  }
}

async function claim(
  ctx: ServiceContext,
  { issuedId, nextRevokeAt }: { issuedId: string; nextRevokeAt: Date | null },
): Promise<Revoking | null> {
  if (nextRevokeAt === null) return null;
  return withTransaction(ctx, async (tx) => {
    const [issued] = await tx
      .update(issuedCertificates)
      .set({ nextRevokeAt: new Date(ctx.now().getTime() + claimedForMs) })
      .where(and(eq(issuedCertificates.id, issuedId), eq(issuedCertificates.nextRevokeAt, nextRevokeAt)))
      .returning();
    return issued === undefined ? null : { row: await readCertificate(tx, issued.certificateId), issued };
  });
}

async function keepRevoked(ctx: ServiceContext, issued: IssuedRow): Promise<void> {
  const { organisationId, tenantId, serial, revokeReason: reason, revokeRequestedBy: askedBy } = issued;
  await withTransaction(ctx, async (tx) => {
    await tx
      .update(issuedCertificates)
      .set({ revokedAt: ctx.now(), nextRevokeAt: null, revokeProblem: null })
      .where(eq(issuedCertificates.id, issued.id));
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "certificate-revoked",
      subject: subjectOfIssued(issued),
      after: { serial, reason, askedBy },
    });
  });
}

async function keepProblem(
  ctx: ServiceContext,
  { issued, problem }: { issued: IssuedRow; problem: AcmeError },
): Promise<void> {
  const revokeAttempts = issued.revokeAttempts + 1;
  const at = { certificateId: issued.certificateId, attempts: revokeAttempts };
  const { retryAt } = planNextAttempt(problem.failure, at, ctx.now());
  const revokeProblem = failureSentence(problem.failure);
  await keep(ctx, issued.id, { revokeAttempts, revokeProblem, nextRevokeAt: retryAt });
}

async function keep(
  ctx: ServiceContext,
  issuedId: string,
  said: Partial<typeof issuedCertificates.$inferInsert>,
): Promise<void> {
  await withTransaction(ctx, (tx) =>
    tx.update(issuedCertificates).set(said).where(eq(issuedCertificates.id, issuedId)),
  );
}

function findDue(ctx: SystemContext) {
  return withSystemTransaction(ctx, (tx) =>
    tx
      .select({
        issuedId: issuedCertificates.id,
        organisationId: issuedCertificates.organisationId,
        nextRevokeAt: issuedCertificates.nextRevokeAt,
      })
      .from(issuedCertificates)
      .where(lte(issuedCertificates.nextRevokeAt, ctx.now()))
      .orderBy(asc(issuedCertificates.nextRevokeAt))
      .limit(revocationsPerRun),
  );
}
