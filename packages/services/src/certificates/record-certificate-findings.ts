import { certificateFindingPrefix, findingsOfCertificate } from "@mailstead/core/certificates";
import { certificates, type Transaction } from "@mailstead/db";
import { type CheckedSubject, readOpenSubjects, recordFindings } from "../checks/index.ts";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { readAuthority } from "./get-authority.ts";
import { problemOf, readCertificateRows } from "./list-certificates.ts";

/**
 * Keeps what is wrong with certificates among the findings, so that it is mailed with the others: at 14 and again at 7
 * days before the end, as it becomes worse, and when orders keep failing. Gives the organisations in which that failed.
 */
export async function recordCertificateFindings(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx.selectDistinct({ organisationId: certificates.organisationId }).from(certificates),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own) => {
    await withTransaction(own, (tx) => recordOf(tx, own));
    return undefined;
  });
  return failed.map(({ row: { organisationId }, cause }) => ({ organisationId, cause }));
}

type Found = ReturnType<typeof findingsOfCertificate>;

async function recordOf(tx: Transaction, ctx: ServiceContext): Promise<void> {
  const at = ctx.now();
  const { termsAgreedAt } = await readAuthority(tx, ctx.organisationId);
  const subjects = new Map<string, { subject: CheckedSubject; found: Found }>();
  const of = (subject: CheckedSubject) => {
    const id = subject.domainId ?? subject.serverId ?? "";
    const known = subjects.get(id) ?? { subject, found: [] };
    subjects.set(id, known);
    return known;
  };
  for (const open of await readOpenSubjects(tx, certificateFindingPrefix)) of(open);
  for (const { certificate, server, domainName } of await readCertificateRows(tx, undefined)) {
    const { organisationId, tenantId, serverId, domainId, notBefore, notAfter } = certificate;
    // The one thing that is wrong then is said once, on the screen, to whoever can accept them.
    const problem = termsAgreedAt === null ? null : problemOf(certificate);
    const found = findingsOfCertificate(
      { notBefore, notAfter, problem },
      { title: domainName ?? server.hostname, serverName: server.name, problem: problem?.sentence ?? null },
      at,
    );
    if (found.length === 0) continue;
    const whose = domainId === null ? { serverId } : { domainId };
    of({ organisationId, tenantId, ...whose }).found.push(...found);
  }
  for (const { subject, found } of subjects.values())
    await recordFindings(tx, subject, { found, unseen: () => false, at, by: "certificates" });
}
