import { domains, newId, tenants } from "@mailstead/db";
import { eq } from "drizzle-orm";
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
import { refuseNeighboursName } from "../tenants/index.ts";
import { takeBackRecords } from "../withdrawals/index.ts";
import { typedDomainName } from "./typed-domain-name.ts";

const addDomainWithoutMailInput = z.object({ tenantId: z.uuid(), name: typedDomainName });

/**
 * Takes in a domain that neither sends nor receives, so that its records say so and nobody can forge its mail. It is on
 * no server and has no keys. Throws `conflict` when the organisation has the domain, `not-found` without the customer.
 */
export async function addDomainWithoutMail(
  ctx: ServiceContext,
  input: z.input<typeof addDomainWithoutMailInput>,
): Promise<{ domainId: string; name: string }> {
  requireRole(ctx, "technician");
  const { tenantId, name } = parseInput(addDomainWithoutMailInput, input);
  const now = ctx.now();
  const domainId = newId(now);
  try {
    await withTransaction(ctx, async (tx) => {
      const [tenant] = await tx
        .select({ organisationId: tenants.organisationId })
        .from(tenants)
        .where(eq(tenants.id, tenantId));
      if (tenant === undefined) throw new ServiceError("not-found", "There is no such customer.");
      await refuseNeighboursName(tx, ctx, { name, field: "name" });
      const { organisationId } = tenant;
      await tx.insert(domains).values({
        id: domainId,
        organisationId,
        tenantId,
        name,
        createdAt: now,
        isWithoutMail: true,
      });
      await takeBackRecords(tx, { id: domainId, name, tenantId });
      await recordAudit(tx, ctx, {
        organisationId,
        tenantId,
        action: "add-domain-without-mail",
        subject: { kind: "domain", id: domainId, name },
        after: { name },
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
