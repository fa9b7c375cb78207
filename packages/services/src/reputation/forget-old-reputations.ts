import { fleetDays, reputationDays } from "@mailstead/db";
import { lt } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { dayMs, dayText } from "./days.ts";

const keptForMs = 400 * dayMs;

/** Drops judgements that are older than a year and a month, so that a year can still be compared with the one before. */
export async function forgetOldReputations(ctx: SystemContext): Promise<void> {
  const before = dayText(ctx.now().getTime() - keptForMs);
  await withSystemTransaction(ctx, async (tx) => {
    await tx.delete(reputationDays).where(lt(reputationDays.day, before));
    await tx.delete(fleetDays).where(lt(fleetDays.day, before));
  });
}
