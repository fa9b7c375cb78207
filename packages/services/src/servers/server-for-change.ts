import { servers, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { ServiceError } from "../context/index.ts";

/** A server's row, locked until the transaction ends; throws `not-found` when the context does not see it. */
export async function getServerForChange(tx: Transaction, serverId: string) {
  const [server] = await tx
    .select({
      id: servers.id,
      organisationId: servers.organisationId,
      tenantId: servers.tenantId,
      name: servers.name,
      hostname: servers.hostname,
      enrolmentState: servers.enrolmentState,
      installRequestedAt: servers.installRequestedAt,
      targetRevision: servers.targetRevision,
      directoryEpoch: servers.directoryEpoch,
      directoryRevision: servers.directoryRevision,
      directoryChain: servers.directoryChain,
    })
    .from(servers)
    .where(eq(servers.id, serverId))
    .for("update");
  if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
  return server;
}

export type ServerForChange = Awaited<ReturnType<typeof getServerForChange>>;
