import { domainNameSchema } from "@mailstead/core/domains";
import { defaultMtaSts } from "@mailstead/core/servers";
import { domainServers, type Transaction } from "@mailstead/db";
import { type ServiceContext, ServiceError } from "../context/index.ts";
import { type KeyedDomain, planDomainKeys } from "../dkim/index.ts";
import { editDirectory } from "../mailboxes/index.ts";
import { changeTargetState, type ServerForChange } from "../servers/index.ts";

/**
 * Puts a domain that is on no server on one, with two DKIM keys that are made there, and gives their selectors. Throws
 * `invalid` when the server is another customer's.
 */
export async function giveHome(
  tx: Transaction,
  ctx: ServiceContext,
  { domain, server, summary }: { domain: KeyedDomain; server: ServerForChange; summary: string },
): Promise<string[]> {
  const { id: domainId, organisationId, tenantId } = domain;
  const name = domainNameSchema.parse(domain.name);
  if (server.tenantId !== tenantId)
    throw new ServiceError("invalid", `${server.name} belongs to another customer.`, { field: "serverId" });
  const now = ctx.now();
  await tx
    .insert(domainServers)
    .values({ domainId, serverId: server.id, organisationId, tenantId, role: "home", createdAt: now });
  const keys = await planDomainKeys(tx, { domain, serverId: server.id, now });
  await changeTargetState(tx, ctx, {
    server,
    summary,
    change: (state) => ({
      ...state,
      domains: [...state.domains, { name, dkimKeys: keys, mtaSts: defaultMtaSts }],
    }),
  });
  await editDirectory(tx, ctx, {
    server,
    edits: [{ op: "upsert", entry: { kind: "domain", name } }],
  });
  return keys.map(({ selector }) => selector);
}
