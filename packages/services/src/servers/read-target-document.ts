import { targetPartLength } from "@mailstead/core/servers";
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

/** A part of that text which fits into one frame, from a UTF-16 unit on; a part may end within a character. */
export async function readTargetPart(
  ctx: SystemContext,
  { serverId, revision, from }: { serverId: string; revision: number; from: number },
): Promise<{ document: string; hasMore: boolean } | null> {
  const text = await readTargetDocument(ctx, { serverId, revision });
  if (text === null) return null;
  const to = from + targetPartLength;
  return { document: text.slice(from, to), hasMore: to < text.length };
}
