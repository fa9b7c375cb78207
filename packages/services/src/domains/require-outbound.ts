import type { DomainRole } from "@mailstead/core/domains";
import { servers, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { ServiceError } from "../context/index.ts";
import type { DomainServer } from "./domain-servers.ts";

/**
 * Lets a server become the one that a domain sends through. Throws `conflict` when there is one already, since a home
 * hands its mail to one, and `precondition-failed` when the server has never been installed, since all mail would wait.
 */
export async function requireOutbound(
  tx: Transaction,
  name: string,
  { role, serverId, hosts }: { role: DomainRole; serverId: string; hosts: readonly DomainServer[] },
): Promise<void> {
  if (role !== "outbound") return;
  const outbound = hosts.find((host) => host.role === "outbound" && host.leavesSince === null);
  if (outbound !== undefined)
    throw new ServiceError(
      "conflict",
      `${name} sends through ${outbound.name} already; take that one off, or give it another role, first.`,
      { field: "role" },
    );
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
