import { maintenanceTimes, organisations, patchPolicies, tenants } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import type { PatchPolicy } from "./patch-policies.ts";
import type { MaintenanceTimesView } from "./set-maintenance-times.ts";

/** When a customer's servers may be changed, and what is brought to them without a press. */
export interface CustomerMaintenance extends MaintenanceTimesView {
  readonly tenantId: string;
  readonly tenantName: string;
  readonly policy: Pick<PatchPolicy, "updates" | "canaryDays"> | null;
}

/** Every customer that the person may see, by name, with what holds where nothing was said. */
export function listMaintenance(ctx: ServiceContext): Promise<readonly CustomerMaintenance[]> {
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({
        tenantId: tenants.id,
        tenantName: tenants.name,
        timeZone: maintenanceTimes.timeZone,
        usualTimeZone: organisations.timeZone,
        windows: maintenanceTimes.windows,
        updates: patchPolicies.updates,
        canaryDays: patchPolicies.canaryDays,
      })
      .from(tenants)
      .innerJoin(organisations, eq(organisations.id, tenants.organisationId))
      .leftJoin(maintenanceTimes, eq(maintenanceTimes.tenantId, tenants.id))
      .leftJoin(patchPolicies, eq(patchPolicies.tenantId, tenants.id))
      .orderBy(asc(tenants.name), asc(tenants.id));
    return rows.map(({ timeZone, usualTimeZone, windows, updates, canaryDays, ...tenant }) => ({
      ...tenant,
      timeZone: timeZone ?? usualTimeZone,
      windows: windows ?? [],
      policy: updates === null || canaryDays === null ? null : { updates, canaryDays },
    }));
  });
}
