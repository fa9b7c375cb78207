import { defaultMtaSts } from "@mailstead/core/servers";
import { domainServers, domains, newId } from "@mailstead/db";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  asConflict,
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { handNamesOver, planDomainKeys } from "../dkim/index.ts";
import { editDirectory } from "../mailboxes/index.ts";
import { changeTargetState, getServerForChange } from "../servers/index.ts";
import { typedDomainName } from "./typed-domain-name.ts";

const addDomainInput = z.object({
  tenantId: z.uuid(),
  serverId: z.uuid(),
  name: typedDomainName,
  /** Begins with aliases at its DKIM names, so that its DNS is touched once. */
  delegatesKeys: z.boolean().default(false),
});

/**
 * Gives a domain a home on a server, with two DKIM keys that are made there. A name in Unicode is stored in A-labels.
 * Throws `conflict` when the organisation has the domain, `invalid` when the server is another customer's, and
 * `precondition-failed` when its DKIM names cannot be handed over.
 */
export async function addDomain(
  ctx: ServiceContext,
  input: z.input<typeof addDomainInput>,
): Promise<{ domainId: string; name: string }> {
  requireRole(ctx, "technician");
  const { tenantId, serverId, name, delegatesKeys } = parseInput(addDomainInput, input);
  const now = ctx.now();
  const domainId = newId(now);
  try {
    await withTransaction(ctx, async (tx) => {
      const server = await getServerForChange(tx, serverId);
      if (server.tenantId !== tenantId)
        throw new ServiceError("invalid", `${server.name} belongs to another customer.`, {
          field: "serverId",
        });
      const { organisationId } = server;
      await tx.insert(domains).values({ id: domainId, organisationId, tenantId, name, createdAt: now });
      await tx
        .insert(domainServers)
        .values({ domainId, serverId, organisationId, tenantId, role: "home", createdAt: now });
      const domain = { id: domainId, organisationId, tenantId, name };
      const delegatedTo = delegatesKeys ? await handNamesOver(tx, ctx, domain) : null;
      const keys = await planDomainKeys(tx, { domain, serverId, now });
      await changeTargetState(tx, ctx, {
        server,
        summary: `Domain ${name} added`,
        change: (state) => ({
          ...state,
          domains: [...state.domains, { name, dkimKeys: keys, mtaSts: defaultMtaSts }],
        }),
      });
      await editDirectory(tx, ctx, { server, edits: [{ op: "upsert", entry: { kind: "domain", name } }] });
      await recordAudit(tx, ctx, {
        organisationId,
        tenantId,
        action: "add-domain",
        subject: { kind: "domain", id: domainId, name },
        after: { name, server: server.name, selectors: keys.map((key) => key.selector), delegatedTo },
      });
    });
  } catch (error) {
    throw asConflict(error, {
      index: "domains_name",
      sentence: `${name} is hosted here already.`,
      field: "name",
    });
  }
  return { domainId, name };
}
