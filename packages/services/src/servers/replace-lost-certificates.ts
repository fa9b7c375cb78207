import { certificateKeys, certificates, servers, type Transaction } from "@mailstead/db";
import { and, eq, isNotNull } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import type { ServerForChange } from "./server-for-change.ts";
import { changeTargetState } from "./target-state-store.ts";

/**
 * Lets go of certificates whose keys went down with a host: what it had reported is gone since another machine was
 * enrolled. The new one makes keys of its own, serves the self-signed certificate, and gets new ones.
 */
export async function replaceLostCertificates(
  tx: Transaction,
  ctx: ServiceContext,
  server: ServerForChange,
): Promise<void> {
  const [lost] = await tx
    .select({ id: certificateKeys.id })
    .from(certificateKeys)
    .innerJoin(servers, eq(servers.id, certificateKeys.serverId))
    // A host that has applied nothing has made no key.
    .where(
      and(
        eq(certificateKeys.serverId, server.id),
        isNotNull(certificateKeys.reportedAt),
        eq(servers.appliedRevision, 0),
      ),
    )
    .limit(1);
  if (lost === undefined) return;
  await tx
    .update(certificateKeys)
    .set({ request: null, spkiSha256: null, reportedAt: null })
    .where(eq(certificateKeys.serverId, server.id));
  await tx
    .update(certificates)
    .set({
      chain: null,
      chainVersion: null,
      issuer: null,
      notBefore: null,
      notAfter: null,
      renewAt: null,
      nextKeyId: null,
      nextNames: null,
      issuedRevision: null,
      nextAttemptAt: ctx.now(),
    })
    .where(eq(certificates.serverId, server.id));
  await changeTargetState(tx, ctx, {
    server,
    summary: "TLS keys made anew for the new host",
    change: (state) => ({
      ...state,
      certificates: state.certificates.map((certificate) => ({ ...certificate, issued: null, next: null })),
    }),
  });
}
