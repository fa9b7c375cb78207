import type { DomainRole } from "@mailstead/core/domains";
import { servers, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { ServiceError } from "../context/index.ts";

/**
 * Lets a server become one that a domain sends through. Throws `precondition-failed` when it has never been installed,
 * since all mail would wait.
 */
export async function requireOutbound(
  tx: Transaction,
  name: string,
  { role, serverId }: { role: DomainRole; serverId: string },
): Promise<void> {
  if (role !== "outbound") return;
  const [server] = await tx
    .select({ name: servers.name, appliedRevision: servers.appliedRevision })
    .from(servers)
    .where(eq(servers.id, serverId));
  if (server?.appliedRevision === 0)
    throw new ServiceError(
      "precondition-failed",
      `${server.name} is not installed yet, and mail of ${name} would wait for it. Install it first.`,
      { field: "serverId" },
    );
}
