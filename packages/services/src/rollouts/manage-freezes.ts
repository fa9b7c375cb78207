import { freezes, newId, tenants } from "@mailstead/db";
import { asc, eq, gte } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { lineOfText } from "./line-of-text.ts";

const daySchema = z.iso.date();
const daysMax = 100;

const addFreezeInput = z
  .object({
    /** Of one customer; without it of all. */
    tenantId: z.uuid().nullable().default(null),
    fromDay: daySchema,
    /** The last day of it. */
    untilDay: daySchema,
    reason: lineOfText("a reason", 300),
  })
  .refine(({ fromDay, untilDay }) => fromDay <= untilDay, {
    path: ["untilDay"],
    message: "the last day is before the first",
  })
  .refine(({ fromDay, untilDay }) => Date.parse(untilDay) - Date.parse(fromDay) < daysMax * 86_400_000, {
    path: ["untilDay"],
    message: `a freeze lasts ${daysMax} days at most; unpatched servers are a danger of their own`,
  });

export interface FreezeView {
  readonly id: string;
  readonly tenantId: string | null;
  readonly tenantName: string | null;
  readonly fromDay: string;
  readonly untilDay: string;
  readonly reason: string;
  readonly madeBy: string;
}

/** Names days on which no rollout changes anything, of one customer or of all. Throws `not-found`. */
export function addFreeze(
  ctx: ServiceContext,
  input: z.input<typeof addFreezeInput>,
): Promise<{ freezeId: string }> {
  requireRole(ctx, "technician");
  const { tenantId: wanted, ...freeze } = parseInput(addFreezeInput, input);
  // A customer's own people freeze their own servers only.
  const tenantId = wanted ?? ctx.tenantId;
  const { organisationId } = ctx;
  const id = newId(ctx.now());
  return withTransaction(ctx, async (tx) => {
    const [tenant] =
      tenantId === null
        ? [{ name: "" }]
        : await tx.select({ name: tenants.name }).from(tenants).where(eq(tenants.id, tenantId));
    if (tenant === undefined) throw new ServiceError("not-found", "There is no such customer.");
    await tx.insert(freezes).values({ id, organisationId, tenantId, ...freeze, madeBy: ctx.actor.name });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "add-freeze",
      subject: { kind: "freeze", id, name: freeze.reason },
      after: freeze,
    });
    return { freezeId: id };
  });
}

/** Takes a freeze back. Throws `not-found`. */
export function removeFreeze(ctx: ServiceContext, input: { freezeId: string }): Promise<void> {
  requireRole(ctx, "technician");
  const { freezeId } = parseInput(z.object({ freezeId: z.uuid() }), input);
  return withTransaction(ctx, async (tx) => {
    const [gone] = await tx.delete(freezes).where(eq(freezes.id, freezeId)).returning();
    if (gone === undefined) throw new ServiceError("not-found", "There is no such freeze.");
    const { organisationId, tenantId, fromDay, untilDay, reason } = gone;
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "remove-freeze",
      subject: { kind: "freeze", id: freezeId, name: reason },
      before: { fromDay, untilDay, reason },
    });
  });
}

/** The freezes that hold or are to come, the next first. */
export function listFreezes(ctx: ServiceContext): Promise<readonly FreezeView[]> {
  // A day's length before now: somewhere it is still that day.
  const yesterday = new Date(ctx.now().getTime() - 86_400_000).toISOString().slice(0, 10);
  return withTransaction(ctx, (tx) =>
    tx
      .select({
        id: freezes.id,
        tenantId: freezes.tenantId,
        tenantName: tenants.name,
        fromDay: freezes.fromDay,
        untilDay: freezes.untilDay,
        reason: freezes.reason,
        madeBy: freezes.madeBy,
      })
      .from(freezes)
      .leftJoin(tenants, eq(tenants.id, freezes.tenantId))
      .where(gte(freezes.untilDay, yesterday))
      .orderBy(asc(freezes.fromDay), asc(freezes.id)),
  );
}
