import {
  rotationIntervalDaysDefault,
  rotationIntervalDaysMax,
  rotationIntervalDaysMin,
} from "@mailstead/core/dkim";
import { dkimRotations, domains } from "@mailstead/db";
import { desc, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { parseInput, requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import { getDomainForChange } from "../mailboxes/index.ts";
import { setKeyFinding } from "./key-findings.ts";
import { planNextRotation } from "./move-rotation.ts";

const setRotationScheduleInput = z.object({
  domainId: z.uuid(),
  /** Null switches the schedule off; then keys are rotated by hand only. */
  intervalDays: z
    .int()
    .min(rotationIntervalDaysMin)
    .max(rotationIntervalDaysMax)
    .nullable()
    .default(rotationIntervalDaysDefault),
});

/** Changes how often a domain's keys are replaced by themselves. Throws `not-found` and `invalid`. */
export async function setRotationSchedule(
  ctx: ServiceContext,
  input: z.input<typeof setRotationScheduleInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { domainId, intervalDays } = parseInput(setRotationScheduleInput, input);
  await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    const [last] = await tx
      .select({ startedAt: dkimRotations.startedAt })
      .from(dkimRotations)
      .where(eq(dkimRotations.domainId, domainId))
      .orderBy(desc(dkimRotations.startedAt))
      .limit(1);
    await tx.update(domains).set({ rotationIntervalDays: intervalDays }).where(eq(domains.id, domainId));
    await planNextRotation(tx, { domainId, since: last?.startedAt ?? ctx.now() });
    // Nothing is due any more, so nothing is refused.
    if (intervalDays === null)
      await setKeyFinding(tx, { domain, kind: "not-replaced" }, { sentence: null, at: ctx.now() });
    await recordAudit(tx, ctx, {
      organisationId: domain.organisationId,
      tenantId: domain.tenantId,
      action: "set-dkim-rotation-schedule",
      subject: { kind: "domain", id: domainId, name: domain.name },
      before: { intervalDays: domain.rotationIntervalDays },
      after: { intervalDays },
    });
  });
}
