import { auditEntries } from "@mailstead/db";
import { and, desc, eq, ilike, lt, or, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";

const listAuditInput = z.object({
  subjectId: z.uuid().optional(),
  action: z.string().max(100).optional(),
  /** Words of who did it, what it was called, or what it was done to. */
  search: z.string().max(200).optional(),
  cursor: z.uuid().optional(),
  limit: z.int().min(1).max(200).default(50),
});

export type AuditPage = Awaited<ReturnType<typeof listAudit>>;

/** The audit, newest first; within a tenant only what concerns it. `nextCursor` is null on the last page. */
export async function listAudit(ctx: ServiceContext, input: z.input<typeof listAuditInput>) {
  const { subjectId, action, search, cursor, limit } = parseInput(listAuditInput, input);
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select()
      .from(auditEntries)
      .where(
        and(
          subjectId === undefined ? undefined : eq(auditEntries.subjectId, subjectId),
          action === undefined ? undefined : eq(auditEntries.action, action),
          ...wordsOf(search).map(said),
          // Ids carry their time, so the id alone is the position.
          cursor === undefined ? undefined : lt(auditEntries.id, cursor),
          sql`true`,
        ),
      )
      .orderBy(desc(auditEntries.id))
      .limit(limit + 1);
    const entries = rows.slice(0, limit);
    return { entries, nextCursor: rows.length > limit ? (entries.at(-1)?.id ?? null) : null };
  });
}

function wordsOf(search: string | undefined): string[] {
  return (search ?? "").split(/\s+/).filter(Boolean);
}

/** Actions are stored as `add-server`, which a person reads and types as two words. */
function said(word: string): SQL | undefined {
  const pattern = `%${word.replace(/[\\%_]/g, "\\$&")}%`;
  return or(
    ilike(auditEntries.action, pattern),
    ilike(auditEntries.actorName, pattern),
    ilike(auditEntries.subjectName, pattern),
  );
}
