import { renewAt } from "@mailstead/core/certificates";
import { certificateKeys, certificates, type StoredRecord, type Transaction } from "@mailstead/db";
import { and, eq, notInArray } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { withTransaction } from "../context/index.ts";
import { getServerForChange } from "../servers/index.ts";
import type { Advance } from "./advance.ts";
import { type CertificateRow, titleOf } from "./certificate-row.ts";
import type { CheckedChain } from "./check-chain.ts";
import { endOrder } from "./end-order.ts";
import { keepForRevocation } from "./keep-for-revocation.ts";
import type { PublishedFor } from "./publish-records.ts";
import { tellHost } from "./target-certificates.ts";

const noProblem = {
  attempts: 0,
  problem: null,
  problemKind: null,
  problemAt: null,
  toPaste: [] as StoredRecord[],
};

/**
 * Keeps a chain that was issued and tells the host, in one transaction, so that nothing is ever half written. Another key
 * that somebody asked for meanwhile still follows.
 */
export async function keepIssued(
  row: CertificateRow,
  {
    checked,
    keyId,
    names,
    who,
  }: { checked: CheckedChain; keyId: string; names: string[]; who: PublishedFor },
): Promise<Advance> {
  const { ctx } = who;
  const { id, organisationId, tenantId, domainId, serverId } = row.certificate;
  const { chain, version, issuer, notBefore, notAfter } = checked;
  const former = row.certificate.keyId === keyId ? null : row.keys.get(row.certificate.keyId);
  await withTransaction(ctx, async (tx) => {
    const next = await readLaterKey(tx, { row, keyId });
    await tx
      .update(certificates)
      .set({
        names,
        keyId,
        chain,
        chainVersion: version,
        issuer,
        notBefore,
        notAfter,
        ...next,
        ...(former === null || former === undefined ? {} : { retiringSpki: former.spkiSha256 }),
        requestedAt: null,
        renewAt: renewAt({ certificateId: id, life: { notBefore, notAfter }, window: null }),
        windowStart: null,
        windowEnd: null,
        windowCheckAt: null,
        ...noProblem,
        nextAttemptAt: ctx.now(),
      })
      .where(eq(certificates.id, id));
    await tx
      .delete(certificateKeys)
      .where(
        and(
          eq(certificateKeys.certificateId, id),
          notInArray(certificateKeys.id, [keyId, ...(next.nextKeyId === null ? [] : [next.nextKeyId])]),
        ),
      );
    const issuedRevision = await tellHost(tx, ctx, {
      serverId,
      summary: `Certificate of ${titleOf(row)} issued`,
    });
    await tx.update(certificates).set({ issuedRevision }).where(eq(certificates.id, id));
    const directoryUrl = row.order?.directoryUrl ?? null;
    await keepForRevocation(tx, { row, issued: { ...checked, names, directoryUrl }, at: ctx.now() });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "issue-certificate",
      subject:
        domainId === null
          ? { kind: "server", id: serverId, name: row.server.name }
          : { kind: "domain", id: domainId, name: titleOf(row) },
      after: { names, issuer, notAfter, server: row.server.name },
    });
  });
  await endOrder(row, { who, outcome: "issued", problem: null });
  return { kind: "issued", names, notAfter };
}

/** The key that is to follow the one whose chain was issued, as it was planned while the CA worked. */
async function readLaterKey(tx: Transaction, { row, keyId }: { row: CertificateRow; keyId: string }) {
  const { id, serverId } = row.certificate;
  // Whoever plans a key for a person locks the server too.
  await getServerForChange(tx, serverId);
  const [now] = await tx
    .select({
      nextKeyId: certificates.nextKeyId,
      nextNames: certificates.nextNames,
      nextSeenSince: certificates.nextSeenSince,
    })
    .from(certificates)
    .where(eq(certificates.id, id));
  return now === undefined || now.nextKeyId === keyId
    ? { nextKeyId: null, nextNames: null, nextSeenSince: null }
    : now;
}
