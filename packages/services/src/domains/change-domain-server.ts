import { checkSoon, helperRoles, receivesMail } from "@mailstead/core/domains";
import { domainServers, domains } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { getDomainForChange } from "../mailboxes/index.ts";
import { readDomainServers } from "./domain-servers.ts";
import { findHelper } from "./remove-domain-server.ts";
import { requireOutbound } from "./require-outbound.ts";
import { tellDomainServers } from "./tell-domain-servers.ts";

const changeDomainServerInput = z.object({
  domainId: z.uuid(),
  serverId: z.uuid(),
  role: z.enum(helperRoles),
});

/**
 * Has a server that receives for a domain do so always or only while nobody else answers, and one that sends for it send
 * all mail or only what is handed in there. Throws `precondition-failed` for the home,
 * for one that leaves, and for a change between receiving and sending: what the world still brings would be lost, so such
 * a server leaves first and is added again.
 */
export async function changeDomainServer(
  ctx: ServiceContext,
  input: z.input<typeof changeDomainServerInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { domainId, serverId, role } = parseInput(changeDomainServerInput, input);
  await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    const { organisationId, tenantId, name } = domain;
    const hosts = await readDomainServers(tx, domainId);
    const host = findHelper(name, { hosts, serverId });
    if (host.role === role) return;
    if (host.leavesSince !== null)
      throw new ServiceError("precondition-failed", `${host.name} is leaving ${name}. Have it stay first.`);
    if (receivesMail(host.role) !== receivesMail(role))
      throw new ServiceError(
        "precondition-failed",
        `Mail of ${name} may still be on its way by ${host.name}. Take it off, and add it again once it has left.`,
        { field: "role" },
      );
    await requireOutbound(tx, name, { role, serverId });
    await tx
      .update(domainServers)
      .set({ role })
      .where(and(eq(domainServers.domainId, domainId), eq(domainServers.serverId, serverId)));
    await tellDomainServers(tx, ctx, { domain, summary: `${host.name} works for ${name} (${role})` });
    await tx.update(domains).set(checkSoon(ctx.now())).where(eq(domains.id, domainId));
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "change-domain-server",
      subject: { kind: "domain", id: domainId, name },
      before: { server: host.name, role: host.role },
      after: { server: host.name, role },
    });
  });
}
