import { servers, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { ServiceError } from "../context/index.ts";

/** A server whose place in rollouts is changed. Throws `not-found`. */
export async function lockServer(tx: Transaction, serverId: string) {
  const { id, name, organisationId, tenantId, goesFirst } = servers;
  const [server] = await tx
    .select({ id, name, organisationId, tenantId, goesFirst })
    .from(servers)
    .where(eq(servers.id, serverId))
    .for("update");
  if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
  return server;
}
