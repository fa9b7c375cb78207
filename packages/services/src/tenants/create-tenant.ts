import { newId, tenants } from "@mailstead/db";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  asConflict,
  parseInput,
  requireOrganisationScope,
  requireRole,
  type ServiceContext,
  withTransaction,
} from "../context/index.ts";
import { tenantNameSchema } from "./tenant-name.ts";

const createTenantInput = z.object({ name: tenantNameSchema });

/** Makes a customer; throws `conflict` when the organisation has one of this name in any capitals. */
export async function createTenant(
  ctx: ServiceContext,
  input: z.input<typeof createTenantInput>,
): Promise<{ tenantId: string }> {
  requireRole(ctx, "admin");
  requireOrganisationScope(ctx);
  const { name } = parseInput(createTenantInput, input);
  const { organisationId } = ctx;
  const tenantId = newId(ctx.now());
  try {
    await withTransaction(ctx, async (tx) => {
      await tx.insert(tenants).values({ id: tenantId, organisationId, name, createdAt: ctx.now() });
      await recordAudit(tx, ctx, {
        organisationId,
        tenantId,
        action: "create-tenant",
        subject: { kind: "tenant", id: tenantId, name },
        after: { name },
      });
    });
  } catch (error) {
    throw nameTaken(error, name);
  }
  return { tenantId };
}

/** A `conflict` when the name is taken; any other error as it is. */
export function nameTaken(error: unknown, name: string): unknown {
  const sentence = `There is a customer named "${name}" already.`;
  return asConflict(error, { index: "tenants_name", sentence, field: "name" });
}
