import { checkFindings } from "@mailstead/db";
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
import { readRows } from "./read-open-rows.ts";

const acknowledgeInput = z.object({ findingId: z.uuid(), isAcknowledged: z.boolean().default(true) });

/** Notes that the person sees to a finding of whatever kind, so that nobody else is woken for it; or takes that back. Throws `not-found`. */
export function acknowledgeFinding(
  ctx: ServiceContext,
  input: z.input<typeof acknowledgeInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { findingId, isAcknowledged } = parseInput(acknowledgeInput, input);
  const change = isAcknowledged
    ? { acknowledgedAt: ctx.now(), acknowledgedBy: ctx.actor.name }
    : { acknowledgedAt: null, acknowledgedBy: null };
  return answer(ctx, findingId, {
    action: isAcknowledged ? "acknowledge-finding" : "withdraw-acknowledgement",
    change,
  });
}

/** As long as a person may hear nothing of what is still wrong. */
const snoozeHoursMax = 14 * 24;
const snoozeInput = z.object({
  findingId: z.uuid(),
  /** Null ends it. */
  hours: z.int().min(1).max(snoozeHoursMax).nullable(),
});

/** Leaves a finding off Home and out of alerts for some hours; what is open then is told again. Throws `not-found`. */
export function snoozeFinding(ctx: ServiceContext, input: z.input<typeof snoozeInput>): Promise<void> {
  requireRole(ctx, "technician");
  const { findingId, hours } = parseInput(snoozeInput, input);
  const snoozedUntil = hours === null ? null : new Date(ctx.now().getTime() + hours * 3_600_000);
  return answer(ctx, findingId, {
    action: hours === null ? "end-snooze" : "snooze-finding",
    change: { snoozedUntil },
  });
}

function answer(
  ctx: ServiceContext,
  findingId: string,
  { action, change }: { action: string; change: Partial<typeof checkFindings.$inferInsert> },
): Promise<void> {
  return withTransaction(ctx, async (tx) => {
    const [row] = await readRows(tx, eq(checkFindings.id, findingId));
    if (row === undefined) throw new ServiceError("not-found", "There is no such finding.");
    if (row.closedAt !== null)
      throw new ServiceError("conflict", "This finding is settled already; there is nothing left to answer.");
    await tx.update(checkFindings).set(change).where(eq(checkFindings.id, findingId));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId: row.tenantId,
      action,
      subject: { kind: "finding", id: findingId, name: row.sentence },
      after: change,
    });
  });
}
