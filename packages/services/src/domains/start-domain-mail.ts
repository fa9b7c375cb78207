import { checkSoon } from "@mailstead/core/domains";
import { domains } from "@mailstead/db";
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
import { getDomainForChange } from "../mailboxes/index.ts";
import { getServerForChange } from "../servers/index.ts";
import { giveHome } from "./give-home.ts";

const startDomainMailInput = z.object({ domainId: z.uuid(), serverId: z.uuid() });

/**
 * Gives a domain without mail a home on a server, with new keys and the settings that it had. Throws `conflict` when it
 * has mail already, and `invalid` for another customer's server.
 */
export async function startDomainMail(
  ctx: ServiceContext,
  input: z.input<typeof startDomainMailInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { domainId, serverId } = parseInput(startDomainMailInput, input);
  await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    const { organisationId, tenantId, name } = domain;
    if (!domain.isWithoutMail) throw new ServiceError("conflict", `${name} has mail already.`);
    const server = await getServerForChange(tx, serverId);
    const selectors = await giveHome(tx, ctx, { domain, server, summary: `Domain ${name} has mail` });
    await tx
      .update(domains)
      .set({ isWithoutMail: false, ...checkSoon(ctx.now()) })
      .where(eq(domains.id, domainId));
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "start-domain-mail",
      subject: { kind: "domain", id: domainId, name },
      after: { server: server.name, selectors },
    });
  });
}
