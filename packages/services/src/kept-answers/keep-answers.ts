import { domains, keptAnswers, type Transaction } from "@mailstead/db";
import { sql } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToOrganisations,
  withTransaction,
} from "../context/index.ts";
import { type FleetSpan, fleetSpanDays } from "./spans.ts";

/** A question of which the answers are kept. */
export interface KeptQuestion {
  readonly question: (typeof keptAnswers.$inferSelect)["question"];
  /** Adds up the answer, of all customers where none is named. It comes back as JSON has it. */
  readonly ask: (
    tx: Transaction,
    asked: { span: FleetSpan; tenantId: string | undefined; now: Date },
  ) => Promise<unknown>;
}

/** So few domains are added up when somebody asks. */
const domainsMin = 30;

/**
 * Keeps the answers to a question, of each organisation with many domains and of each such customer. Idempotent, and safe
 * beside itself. Gives the organisations in which that failed.
 */
export function keepAnswers(
  ctx: SystemContext,
  at: { app: Database; installation: Installation },
  question: KeptQuestion,
): Promise<{ organisationId: string; cause: unknown }[]> {
  return seeToOrganisations(ctx, at, async (own) => {
    for (const tenantId of await findLarge(own))
      for (const span of Object.keys(fleetSpanDays) as FleetSpan[])
        await keepOne(own, question, { span, tenantId });
  });
}

/** Customers with many domains, and null where the organisation has. */
function findLarge(own: ServiceContext): Promise<readonly (string | null)[]> {
  return withTransaction(own, async (tx) => {
    const { rows } = await tx.execute<{ tenantId: string | null }>(sql`
      select tenant_id as "tenantId" from ${domains} group by grouping sets ((tenant_id), ())
      having count(*) > ${domainsMin}`);
    return rows.map(({ tenantId }) => tenantId);
  });
}

function keepOne(
  own: ServiceContext,
  { question, ask }: KeptQuestion,
  { span, tenantId }: { span: FleetSpan; tenantId: string | null },
): Promise<void> {
  return withTransaction(own, async (tx) => {
    const now = own.now();
    const answer = await ask(tx, { span, tenantId: tenantId ?? undefined, now });
    const { organisationId } = own;
    await tx
      .insert(keptAnswers)
      .values({ organisationId, tenantId, question, span, keptAt: now, answer })
      .onConflictDoUpdate({
        target: [keptAnswers.organisationId, keptAnswers.tenantId, keptAnswers.question, keptAnswers.span],
        set: { keptAt: now, answer },
      });
  });
}
