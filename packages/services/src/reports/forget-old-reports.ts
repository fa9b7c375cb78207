import { feedbackReports, receivedReports, reportTroubles } from "@mailstead/db";
import { lt } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

const dayMs = 86_400_000;

/** A year can be compared with the one before for a month; complaints are judged by weeks. */
const keptForMs = { reports: 400 * dayMs, feedback: 180 * dayMs, troubles: 90 * dayMs } as const;

/** Lets go of reports that are older than what is kept, with all their rows. */
export function forgetOldReports(ctx: SystemContext): Promise<void> {
  const before = (ms: number) => new Date(ctx.now().getTime() - ms);
  return withSystemTransaction(ctx, async (tx) => {
    await tx.delete(receivedReports).where(lt(receivedReports.endsAt, before(keptForMs.reports)));
    await tx.delete(feedbackReports).where(lt(feedbackReports.reportedAt, before(keptForMs.feedback)));
    await tx
      .delete(reportTroubles)
      .where(lt(reportTroubles.day, before(keptForMs.troubles).toISOString().slice(0, 10)));
  });
}
