import { domains, newId } from "@mailstead/db";
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
import { handNamesOver } from "../dkim/index.ts";
import { getServerForChange } from "../servers/index.ts";
import { refuseNeighboursName } from "../tenants/index.ts";
import { takeBackRecords } from "../withdrawals/index.ts";
import { giveHome } from "./give-home.ts";
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
 * Throws `conflict` when the organisation has the domain, `invalid` when the server is another customer's,
 * `forbidden` when the name lies in another customer's and the person sees one customer only, and `precondition-failed`
 * when its DKIM names cannot be handed over.
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
      await refuseNeighboursName(tx, ctx, { name, field: "name" });
      const { organisationId } = server;
      await tx.insert(domains).values({ id: domainId, organisationId, tenantId, name, createdAt: now });
      const domain = { id: domainId, organisationId, tenantId, name };
      await takeBackRecords(tx, domain);
      const delegatedTo = delegatesKeys ? await handNamesOver(tx, ctx, domain) : null;
      const selectors = await giveHome(tx, ctx, {
        domain,
        server,
        summary: `Domain ${name} added`,
      });
      await recordAudit(tx, ctx, {
        organisationId,
        tenantId,
        action: "add-domain",
        subject: { kind: "domain", id: domainId, name },
        after: { name, server: server.name, selectors, delegatedTo },
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
