import type { TargetCertificate, TargetState } from "@mailstead/core/servers";
import { certificates, type Transaction } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import { changeTargetState, getServerForChange } from "../servers/index.ts";

/**
 * Says in a server's target state what the rows say of its certificates, so that host and rows never drift apart. Gives
 * the revision that holds it.
 */
export async function tellHost(
  tx: Transaction,
  ctx: ServiceContext,
  told: {
    serverId: string;
    summary: string;
    /** Of our account at the CA, where the host is to answer HTTP-01 challenges: it serves the web for that. */
    thumbprint?: string;
  },
): Promise<number> {
  const server = await getServerForChange(tx, told.serverId);
  const rows = await tx
    .select()
    .from(certificates)
    .where(eq(certificates.serverId, told.serverId))
    .orderBy(asc(certificates.createdAt), asc(certificates.id));
  const { revision } = await changeTargetState(tx, ctx, {
    server,
    summary: told.summary,
    change: (state): TargetState => ({
      ...state,
      certificates: rows.map(targetOf),
      ...(told.thumbprint === undefined
        ? {}
        : { web: { ...state.web, isEnabled: true, acmeThumbprint: told.thumbprint } }),
    }),
  });
  return revision;
}

function targetOf(row: typeof certificates.$inferSelect): TargetCertificate {
  const { chain, chainVersion, nextKeyId, nextNames } = row;
  return {
    id: row.id,
    names: row.names,
    keyId: row.keyId,
    issued: chain === null || chainVersion === null ? null : { version: chainVersion, chain },
    next: nextKeyId === null || nextNames === null ? null : { keyId: nextKeyId, names: nextNames },
  };
}
