import { patchPolicies, type Transaction, tenants } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";

const canaryDaysMax = 30;

const policyInput = z.object({
  tenantId: z.uuid(),
  /** Null takes the policy back: then only people start rollouts. */
  policy: z
    .object({
      updates: z.enum(["security", "all"]),
      canaryDays: z.int().min(0).max(canaryDaysMax, `canaries have ${canaryDaysMax} days at most`),
    })
    .nullable(),
});

export interface PatchPolicy {
  readonly tenantId: string;
  readonly tenantName: string;
  readonly updates: "security" | "all";
  /** For how many days a canary has an update, and stays well, before the others get it. */
  readonly canaryDays: number;
}

/** Has a customer's servers updated without a press, or no more. Throws `not-found`. */
export function setPatchPolicy(ctx: ServiceContext, input: z.input<typeof policyInput>): Promise<void> {
  requireRole(ctx, "technician");
  const { tenantId, policy } = parseInput(policyInput, input);
  return withTransaction(ctx, async (tx) => {
    const [tenant] = await tx.select({ name: tenants.name }).from(tenants).where(eq(tenants.id, tenantId));
    if (tenant === undefined) throw new ServiceError("not-found", "There is no such customer.");
    const [before] = await tx.delete(patchPolicies).where(eq(patchPolicies.tenantId, tenantId)).returning();
    const { organisationId } = ctx;
    if (policy !== null)
      await tx.insert(patchPolicies).values({
        tenantId,
        organisationId,
        ...policy,
        changedBy: ctx.actor.name,
        changedAt: ctx.now(),
      });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "set-patch-policy",
      subject: { kind: "tenant", id: tenantId, name: tenant.name },
      before: before === undefined ? null : { updates: before.updates, canaryDays: before.canaryDays },
      after: policy,
    });
  });
}

/** The customers whose servers are updated without a press, by name. */
export function listPatchPolicies(ctx: ServiceContext): Promise<readonly PatchPolicy[]> {
  return withTransaction(ctx, readPolicies);
}

/** The same within a transaction that sees the rows of somebody. */
export function readPolicies(tx: Transaction): Promise<readonly PatchPolicy[]> {
  return tx
    .select({
      tenantId: patchPolicies.tenantId,
      tenantName: tenants.name,
      updates: patchPolicies.updates,
      canaryDays: patchPolicies.canaryDays,
    })
    .from(patchPolicies)
    .innerJoin(tenants, eq(tenants.id, patchPolicies.tenantId))
    .orderBy(asc(tenants.name), asc(tenants.id));
}
