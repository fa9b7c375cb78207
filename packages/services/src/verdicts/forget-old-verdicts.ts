import { verdictDays, verdictHours } from "@mailstead/db";
import { lt } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { verdictPeriods } from "./periods.ts";

/** Removes verdicts that are older than what is kept. */
export function forgetOldVerdicts(ctx: SystemContext): Promise<void> {
  const before = (keptForMs: number) => new Date(ctx.now().getTime() - keptForMs);
  return withSystemTransaction(ctx, async (tx) => {
    await tx.delete(verdictHours).where(lt(verdictHours.startsAt, before(verdictPeriods.hours.keptForMs)));
    await tx.delete(verdictDays).where(lt(verdictDays.startsAt, before(verdictPeriods.days.keptForMs)));
  });
}
