import { nextWindowCheck, renewAt } from "@mailstead/core/certificates";
import { certificates } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { withTransaction } from "../context/index.ts";
import { AcmeError } from "./acme/acme-error.ts";
import { renewalId } from "./acme/renewal-id.ts";
import type { Advance } from "./advance.ts";
import type { CertificateDeps } from "./certificate-deps.ts";
import type { CertificateRow } from "./certificate-row.ts";
import { keepCurrentForRevocation } from "./keep-for-revocation.ts";
import type { PublishedFor } from "./publish-records.ts";
import { lookEveryMs, scheduleLook } from "./schedule-look.ts";

/** Nothing to do now: asks the CA when it wishes a renewal, and says when to look again. */
export async function settle(row: CertificateRow, who: PublishedFor): Promise<Advance> {
  const { ctx, deps } = who;
  const { id, chain, notBefore, notAfter, windowCheckAt } = row.certificate;
  if (chain === null || notBefore === null || notAfter === null) return { kind: "settled" };
  const now = ctx.now();
  await withTransaction(ctx, (tx) => keepCurrentForRevocation(tx, { row, at: now }));
  let { renewAt: planned } = row.certificate;
  if (windowCheckAt === null || windowCheckAt <= now) {
    const asked = await askWindow(chain, deps);
    const window = asked?.value ?? null;
    planned = renewAt({ certificateId: id, life: { notBefore, notAfter }, window });
    await withTransaction(ctx, (tx) =>
      tx
        .update(certificates)
        .set({
          renewAt: planned,
          windowStart: window?.start ?? null,
          windowEnd: window?.end ?? null,
          windowCheckAt: nextWindowCheck(asked?.retryAt ?? null, now),
        })
        .where(eq(certificates.id, id)),
    );
  }
  const untilMs = Math.min(planned?.getTime() ?? Number.POSITIVE_INFINITY, now.getTime() + lookEveryMs);
  await scheduleLook(row, who, { until: new Date(untilMs), problem: null });
  return { kind: "settled" };
}

/** Null when the CA gives no window; that it cannot be asked is no trouble while there is time. */
async function askWindow(chain: string, deps: CertificateDeps) {
  try {
    const id = renewalId(chain);
    if (id === null) return null;
    const { client } = await deps.openAccount();
    return await client.readRenewalWindow(id);
  } catch (error) {
    if (error instanceof AcmeError) return null;
    throw error;
  }
}
