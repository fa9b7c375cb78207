import { tenants } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { parseInput, requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import { nameTaken } from "./create-tenant.ts";
import { getTenantForChange } from "./get-tenant-for-change.ts";
import { tenantNameSchema } from "./tenant-name.ts";

const renameTenantInput = z.object({ tenantId: z.uuid(), name: tenantNameSchema });

/** Gives a customer another name; throws `conflict` when it is taken. */
export async function renameTenant(
  ctx: ServiceContext,
  input: z.input<typeof renameTenantInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  const { tenantId, name } = parseInput(renameTenantInput, input);
  try {
    await withTransaction(ctx, async (tx) => {
      const before = await getTenantForChange(tx, tenantId);
      await tx.update(tenants).set({ name }).where(eq(tenants.id, tenantId));
      await recordAudit(tx, ctx, {
        organisationId: ctx.organisationId,
        tenantId,
        action: "rename-tenant",
        subject: { kind: "tenant", id: tenantId, name },
        before: { name: before.name },
        after: { name },
      });
    });
  } catch (error) {
    throw nameTaken(error, name);
  }
}
