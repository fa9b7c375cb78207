import { acmeOrders } from "@mailstead/db";
import { and, eq, isNotNull, isNull, ne, sql } from "drizzle-orm";
import { withTransaction } from "../context/index.ts";
import type { CertificateRow } from "./certificate-row.ts";
import { type PublishedFor, withdrawRecords } from "./publish-records.ts";

/** Ends the order that is under way, and takes away what was published for its proof. */
export async function endOrder(
  row: CertificateRow,
  { who, outcome, problem }: { who: PublishedFor; outcome: "issued" | "failed"; problem: string | null },
): Promise<void> {
  await withTransaction(who.ctx, (tx) =>
    tx
      .update(acmeOrders)
      .set({ endedAt: who.ctx.now(), outcome, problem })
      .where(and(eq(acmeOrders.certificateId, row.certificate.id), isNull(acmeOrders.endedAt))),
  );
  await withdrawProofs(row, who);
}

/** Takes away what stands for orders that have ended; a provider that fails now is asked again at the next look. */
export async function withdrawProofs(row: CertificateRow, who: PublishedFor): Promise<void> {
  const left = await withTransaction(who.ctx, (tx) =>
    tx
      .select({ id: acmeOrders.id, published: acmeOrders.published })
      .from(acmeOrders)
      .where(
        and(
          eq(acmeOrders.certificateId, row.certificate.id),
          isNotNull(acmeOrders.endedAt),
          ne(acmeOrders.published, sql`'[]'::jsonb`),
        ),
      ),
  );
  for (const { id, published } of left)
    if (await withdrawRecords(published, who))
      await withTransaction(who.ctx, (tx) =>
        tx.update(acmeOrders).set({ published: [] }).where(eq(acmeOrders.id, id)),
      );
}
