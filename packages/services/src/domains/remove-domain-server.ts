import { checkSoon } from "@mailstead/core/domains";
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
import { type DomainServer, readDomainServers } from "./domain-servers.ts";
import { requireOutbound } from "./require-outbound.ts";
import { tellDomainServers } from "./tell-domain-servers.ts";

const domainServerInput = z.object({ domainId: z.uuid(), serverId: z.uuid() });

/**
 * Begins to take a server off a domain: its MX record is planned no longer and the home sends through it no longer, while
 * it goes on with what it is still brought. The worker ends it once the world has forgotten it. Throws
 * `precondition-failed` for the home.
 */
export async function removeDomainServer(
  ctx: ServiceContext,
  input: z.input<typeof domainServerInput>,
): Promise<void> {
  await changeLeaving(ctx, parseInput(domainServerInput, input), true);
}

/** Has a server stay that was about to leave. */
export async function keepDomainServer(
  ctx: ServiceContext,
  input: z.input<typeof domainServerInput>,
): Promise<void> {
  await changeLeaving(ctx, parseInput(domainServerInput, input), false);
}

async function changeLeaving(
  ctx: ServiceContext,
  { domainId, serverId }: z.output<typeof domainServerInput>,
  leaves: boolean,
): Promise<void> {
  requireRole(ctx, "technician");
  await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    const { organisationId, tenantId, name } = domain;
    const hosts = await readDomainServers(tx, domainId);
    const host = findHelper(name, { hosts, serverId });
    if ((host.leavesSince !== null) === leaves) return;
    if (!leaves) await requireOutbound(tx, name, { role: host.role, serverId });
    await tx
      .update(domainServers)
      .set({ leavesSince: leaves ? ctx.now() : null })
      .where(and(eq(domainServers.domainId, domainId), eq(domainServers.serverId, serverId)));
    await tellDomainServers(tx, ctx, {
      domain,
      summary: leaves ? `${host.name} leaves ${name}` : `${host.name} stays with ${name}`,
    });
    await tx.update(domains).set(checkSoon(ctx.now())).where(eq(domains.id, domainId));
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: leaves ? "remove-domain-server" : "keep-domain-server",
      subject: { kind: "domain", id: domainId, name },
      [leaves ? "before" : "after"]: { server: host.name, role: host.role },
    });
  });
}

/** A server of the domain other than its home. Throws `not-found` and `precondition-failed`. */
export function findHelper(
  name: string,
  { hosts, serverId }: { hosts: readonly DomainServer[]; serverId: string },
): DomainServer {
  const host = hosts.find(({ id }) => id === serverId);
  if (host === undefined) throw new ServiceError("not-found", `There is no such server of ${name}.`);
  if (host.role === "home")
    throw new ServiceError(
      "precondition-failed",
      `The mailboxes of ${name} are on ${host.name}, so it stays what it is for as long as the domain is here.`,
    );
  return host;
}
