import { isTimeZone } from "@mailstead/core/alerts";
import { type MaintenanceWindow, maintenanceWindowSchema } from "@mailstead/core/rollouts";
import { maintenanceTimes, organisations, type Transaction, tenants } from "@mailstead/db";
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

const windowsMax = 20;
const minutesOfDay = 24 * 60;
/** A change and the looks before and after it have to fit. */
const windowMinutesMin = 30;

const timesInput = z.object({
  tenantId: z.uuid(),
  timeZone: z.string().max(100).refine(isTimeZone, "this is no time zone of the IANA database"),
  /** None at all is no limit. */
  windows: z
    .array(
      maintenanceWindowSchema.refine(
        (window) => minutesOf(window) >= windowMinutesMin,
        `a window is open for ${windowMinutesMin} minutes at least`,
      ),
    )
    .max(windowsMax, `a customer has ${windowsMax} windows at most`),
});

/** When a customer's servers may be changed. */
export interface MaintenanceTimesView {
  readonly timeZone: string;
  readonly windows: readonly MaintenanceWindow[];
}

/** Says when rollouts may change a customer's servers. Throws `not-found`. */
export function setMaintenanceTimes(ctx: ServiceContext, input: z.input<typeof timesInput>): Promise<void> {
  requireRole(ctx, "technician");
  const { tenantId, timeZone, windows } = parseInput(timesInput, input);
  return withTransaction(ctx, async (tx) => {
    const tenant = await findTenant(tx, tenantId);
    const before = await readTimes(tx, tenantId);
    const changed = { timeZone, windows, changedBy: ctx.actor.name, changedAt: ctx.now() };
    await tx
      .insert(maintenanceTimes)
      .values({ tenantId, organisationId: ctx.organisationId, ...changed })
      .onConflictDoUpdate({ target: maintenanceTimes.tenantId, set: changed });
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId,
      action: "set-maintenance-times",
      subject: { kind: "tenant", id: tenantId, name: tenant.name },
      before,
      after: { timeZone, windows },
    });
  });
}

/** When a customer's servers may be changed; without a wish of theirs at any time, as the organisation's clocks have it. Throws `not-found`. */
export function getMaintenanceTimes(
  ctx: ServiceContext,
  input: { tenantId: string },
): Promise<MaintenanceTimesView> {
  const { tenantId } = parseInput(z.object({ tenantId: z.uuid() }), input);
  return withTransaction(ctx, async (tx) => {
    await findTenant(tx, tenantId);
    const own = await readTimes(tx, tenantId);
    if (own !== null) return own;
    const [organisation] = await tx
      .select({ timeZone: organisations.timeZone })
      .from(organisations)
      .where(eq(organisations.id, ctx.organisationId));
    return { timeZone: organisation?.timeZone ?? "UTC", windows: [] };
  });
}

async function findTenant(tx: Transaction, tenantId: string): Promise<{ name: string }> {
  const [tenant] = await tx.select({ name: tenants.name }).from(tenants).where(eq(tenants.id, tenantId));
  if (tenant === undefined) throw new ServiceError("not-found", "There is no such customer.");
  return tenant;
}

async function readTimes(tx: Transaction, tenantId: string): Promise<MaintenanceTimesView | null> {
  const [row] = await tx
    .select({ timeZone: maintenanceTimes.timeZone, windows: maintenanceTimes.windows })
    .from(maintenanceTimes)
    .where(eq(maintenanceTimes.tenantId, tenantId));
  return row ?? null;
}

function minutesOf({ fromMinute, untilMinute }: MaintenanceWindow): number {
  return fromMinute < untilMinute ? untilMinute - fromMinute : minutesOfDay - fromMinute + untilMinute;
}
