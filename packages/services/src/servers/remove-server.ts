import { dkimKeys, domainServers, outbox, servers, zoneServers } from "@mailstead/db";
import { and, count, eq, isNotNull } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { getServerForChange } from "./server-for-change.ts";

const removeServerInput = z.object({ serverId: z.uuid() });

/**
 * Forgets a server with its agent, jobs and revisions; the host goes on as it is, and its agent is neither let in nor
 * heard any more. Throws `precondition-failed` while it hosts domains or zones, or a key of its own may still be asked for.
 */
export async function removeServer(
  ctx: ServiceContext,
  input: z.input<typeof removeServerInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  const { serverId } = parseInput(removeServerInput, input);
  await withTransaction(ctx, async (tx) => {
    const server = await getServerForChange(tx, serverId);
    const [hosted] = await tx
      .select({ count: count() })
      .from(domainServers)
      .where(eq(domainServers.serverId, serverId));
    if ((hosted?.count ?? 0) > 0)
      throw new ServiceError(
        "precondition-failed",
        `${server.name} still works for ${hosted?.count} domain${hosted?.count === 1 ? "" : "s"}; take it off them, or remove those whose mailboxes it holds, first.`,
      );
    const [answering] = await tx
      .select({ count: count() })
      .from(zoneServers)
      .where(eq(zoneServers.serverId, serverId));
    if ((answering?.count ?? 0) > 0)
      throw new ServiceError(
        "precondition-failed",
        `${server.name} still answers for ${answering?.count} zone${answering?.count === 1 ? "" : "s"}; remove those first.`,
      );
    const [ending] = await tx
      .select({ count: count() })
      .from(dkimKeys)
      .where(and(eq(dkimKeys.serverId, serverId), isNotNull(dkimKeys.recordEndsAt)));
    if ((ending?.count ?? 0) > 0)
      throw new ServiceError(
        "precondition-failed",
        `Mail that ${server.name} signed for a domain that it has left may still be on its way; its DKIM records end by themselves within a week. Remove it then.`,
      );
    await tx.delete(servers).where(eq(servers.id, serverId));
    const { organisationId, tenantId } = server;
    await tx.insert(outbox).values({
      organisationId,
      tenantId,
      kind: "end-connection",
      subjectId: serverId,
      createdAt: ctx.now(),
    });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "remove-server",
      subject: { kind: "server", id: serverId, name: server.name },
      before: { name: server.name, hostname: server.hostname },
    });
  });
}
