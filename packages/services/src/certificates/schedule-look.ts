import { certificates, type StoredRecord } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { withTransaction } from "../context/index.ts";
import type { Advance } from "./advance.ts";
import type { CertificateRow } from "./certificate-row.ts";
import type { PublishedFor } from "./publish-records.ts";

/** Nothing is left alone for longer, so that a new host name or a new address is noticed. */
export const lookEveryMs = 60 * 60_000;

/** Leaves a certificate for a while, with what it waits for in plain words. */
export async function wait(
  row: CertificateRow,
  who: PublishedFor,
  what: { afterMs: number } | { until: Date; sentence: string | null; toPaste: StoredRecord[] },
): Promise<Advance> {
  if ("afterMs" in what) {
    const until = new Date(who.ctx.now().getTime() + what.afterMs);
    await scheduleLook(row, who, { until, problem: null });
  } else {
    const { until, sentence, toPaste } = what;
    const problem = sentence === null ? null : { sentence, toPaste };
    await scheduleLook(row, who, { until, problem });
  }
  return { kind: "waiting" };
}

/** Says when a certificate is looked at again, and what people read meanwhile. */
export async function scheduleLook(
  row: CertificateRow,
  { ctx }: PublishedFor,
  { until, problem }: { until: Date; problem: { sentence: string; toPaste: StoredRecord[] } | null },
): Promise<void> {
  const said =
    problem === null
      ? { problem: null, problemKind: null, problemAt: null, toPaste: [] }
      : {
          problem: problem.sentence.replace(/(?<![.!?])$/, "."),
          problemKind: problem.toPaste.length > 0 ? ("permanent" as const) : ("temporary" as const),
          problemAt: ctx.now(),
          toPaste: problem.toPaste,
        };
  await withTransaction(ctx, (tx) =>
    tx
      .update(certificates)
      .set({ nextAttemptAt: until, ...said })
      .where(eq(certificates.id, row.certificate.id)),
  );
}
