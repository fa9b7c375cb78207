import { checkSoon, helperRoles, signsMail } from "@mailstead/core/domains";
import { entryForRole } from "@mailstead/core/mailboxes";
import { defaultMtaSts, serversPerDomainMax, type TargetState } from "@mailstead/core/servers";
import { domainServers, domains } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { planDomainKeys } from "../dkim/index.ts";
import { editDirectory, getHostedDomainForChange, readDomainDirectory } from "../mailboxes/index.ts";
import { getServerForChange } from "../servers/index.ts";
import { readDomainServers } from "./domain-servers.ts";
import { requireOutbound } from "./require-outbound.ts";
import { tellDomainServers } from "./tell-domain-servers.ts";

const addDomainServerInput = z.object({
  domainId: z.uuid(),
  serverId: z.uuid(),
  role: z.enum(helperRoles),
});

/**
 * Has one more server work for a domain beside its home: it learns who has an address there, and, if it sends, makes
 * keys of its own. Throws `conflict` for a server that the domain has already, `precondition-failed` for an
 * outbound one that was never installed, `invalid` for another customer's, `limit-reached` when the domain has as many as it may.
 */
export async function addDomainServer(
  ctx: ServiceContext,
  input: z.input<typeof addDomainServerInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { domainId, serverId, role } = parseInput(addDomainServerInput, input);
  const now = ctx.now();
  await withTransaction(ctx, async (tx) => {
    const domain = await getHostedDomainForChange(tx, domainId);
    const { organisationId, tenantId, name } = domain;
    const hosts = await readDomainServers(tx, domainId);
    const server = await getServerForChange(tx, serverId);
    if (server.tenantId !== tenantId)
      throw new ServiceError("invalid", `${server.name} belongs to another customer.`, { field: "serverId" });
    if (hosts.some(({ id }) => id === serverId))
      throw new ServiceError("conflict", `${server.name} is a server of ${name} already.`, {
        field: "serverId",
      });
    if (hosts.length >= serversPerDomainMax)
      throw new ServiceError("limit-reached", `A domain has at most ${serversPerDomainMax} servers.`);
    await requireOutbound(tx, name, { role, serverId });
    await tx
      .insert(domainServers)
      .values({ domainId, serverId, organisationId, tenantId, role, createdAt: now });
    const dkimKeys = signsMail(role) ? await planDomainKeys(tx, { domain, serverId, now }) : [];
    await tellDomainServers(tx, ctx, {
      domain,
      summary: `${server.name} works for ${name} (${role})`,
      also: { serverId, change: (state) => withDomain(state, { name, dkimKeys }) },
    });
    const entries = await readDomainDirectory(tx, domain);
    await editDirectory(tx, ctx, {
      server: await getServerForChange(tx, serverId),
      edits: entries.map((entry) => ({ op: "upsert", entry: entryForRole(role, entry) })),
    });
    await tx.update(domains).set(checkSoon(now)).where(eq(domains.id, domainId));
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "add-domain-server",
      subject: { kind: "domain", id: domainId, name },
      after: { server: server.name, role, selectors: dkimKeys.map(({ selector }) => selector) },
    });
  });
}

function withDomain(
  state: TargetState,
  { name, dkimKeys }: { name: string; dkimKeys: TargetState["domains"][number]["dkimKeys"] },
): TargetState {
  const domain = { name: name as TargetState["domains"][number]["name"], dkimKeys, mtaSts: defaultMtaSts };
  return { ...state, domains: [...state.domains, domain] };
}
