import { type Transaction, tenants } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { ServiceError } from "../context/index.ts";

/** The tenant, which lives on until the transaction ends; throws `not-found` when the context does not see it. */
export async function getTenantForChange(tx: Transaction, tenantId: string) {
  const [tenant] = await tx.select().from(tenants).where(eq(tenants.id, tenantId)).for("update");
  if (tenant === undefined) throw new ServiceError("not-found", "There is no such customer.");
  return tenant;
}
