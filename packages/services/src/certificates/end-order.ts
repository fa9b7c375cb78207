import { acmeOrders } from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";
import { withTransaction } from "../context/index.ts";
import type { CertificateRow } from "./certificate-row.ts";
import { type PublishedFor, withdrawRecords } from "./publish-records.ts";

/** Ends the order that is under way, and takes away what was published for its proof. */
export async function endOrder(
  row: CertificateRow,
  { who, outcome, problem }: { who: PublishedFor; outcome: "issued" | "failed"; problem: string | null },
): Promise<void> {
  const open = await withTransaction(who.ctx, (tx) =>
    tx
      .update(acmeOrders)
      .set({ endedAt: who.ctx.now(), outcome, problem })
      .where(and(eq(acmeOrders.certificateId, row.certificate.id), isNull(acmeOrders.endedAt)))
      .returning({ published: acmeOrders.published }),
  );
  for (const { published } of open) if (published.length > 0) await withdrawRecords(published, who);
}
