import { keptAnswers, type Transaction } from "@mailstead/db";
import { and, eq, gte, isNull } from "drizzle-orm";
import type { FleetSpan } from "./spans.ts";

/** Older answers are not shown: where the worker keeps none, whoever asks adds up. */
const shownForMs = 3_600_000;

/** What the worker has kept of a question, and when it was added up; null where there is nothing, or nothing new enough. */
export async function readAnswer<Answer>(
  tx: Transaction,
  {
    question,
    span,
    tenantId,
    now,
  }: {
    question: (typeof keptAnswers.$inferSelect)["question"];
    span: FleetSpan;
    /** Null for all customers. */
    tenantId: string | null;
    now: Date;
  },
): Promise<{ readonly answer: Answer; readonly keptAt: Date } | null> {
  const [kept] = await tx
    .select({ answer: keptAnswers.answer, keptAt: keptAnswers.keptAt })
    .from(keptAnswers)
    .where(
      and(
        tenantId === null ? isNull(keptAnswers.tenantId) : eq(keptAnswers.tenantId, tenantId),
        eq(keptAnswers.question, question),
        eq(keptAnswers.span, span),
        gte(keptAnswers.keptAt, new Date(now.getTime() - shownForMs)),
      ),
    );
  return kept === undefined ? null : { answer: kept.answer as Answer, keptAt: kept.keptAt };
}
