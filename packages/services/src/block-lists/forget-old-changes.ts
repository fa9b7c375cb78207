import { blockListChanges } from "@mailstead/db";
import { lt } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

const keptForMs = 365 * 86_400_000;

/** Forgets what came onto lists and went from them more than a year ago. */
export async function forgetOldListChanges(ctx: SystemContext): Promise<void> {
  const before = new Date(ctx.now().getTime() - keptForMs);
  await withSystemTransaction(ctx, (tx) =>
    tx.delete(blockListChanges).where(lt(blockListChanges.changedAt, before)),
  );
}
