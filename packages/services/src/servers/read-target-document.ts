import { targetStates } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

/** The exact text of a revision, whose SHA-256 a signed job names; null when there is no such revision. */
export async function readTargetDocument(
  ctx: SystemContext,
  { serverId, revision }: { serverId: string; revision: number },
): Promise<string | null> {
  const [row] = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ document: targetStates.document })
      .from(targetStates)
      .where(and(eq(targetStates.serverId, serverId), eq(targetStates.revision, revision))),
  );
  return row?.document ?? null;
}
