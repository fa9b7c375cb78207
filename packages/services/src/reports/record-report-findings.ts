import { seenFindingOf } from "@mailstead/core/checks";
import { reportFindingPrefix } from "@mailstead/core/reports";
import { checkFindings, domains, receivedReports, type Transaction } from "@mailstead/db";
import { and, eq, gte, inArray, isNull, like, or } from "drizzle-orm";
import { recordFindings } from "../checks/index.ts";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { findInReports } from "./get-domain-reports.ts";

/** Reports come once a day: a week holds a whole working week of each receiver. */
const judgedMs = 7 * 86_400_000;

/**
 * Keeps what the reports of the last week show to be wrong among the findings, so that it is mailed with the others, and
 * closes what they show no more. Gives the organisations in which that failed.
 */
export async function recordReportFindings(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx.selectDistinct({ organisationId: receivedReports.organisationId }).from(receivedReports),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own) => {
    for (const domainId of await findJudged(own))
      await withTransaction(own, async (tx) => {
        const domain = await lockDomain(tx, domainId);
        if (domain !== null) await recordOf(tx, domain, own.now());
      });
    return undefined;
  });
  return failed.map(({ row: { organisationId }, cause }) => ({ organisationId, cause }));
}

/** Domains that were reported of, and those of which a finding is open. */
function findJudged(ctx: ServiceContext): Promise<string[]> {
  const from = new Date(ctx.now().getTime() - judgedMs);
  return withTransaction(ctx, async (tx) => {
    const reported = tx
      .select({ name: receivedReports.domain })
      .from(receivedReports)
      .where(gte(receivedReports.endsAt, from));
    const open = tx
      .select({ id: checkFindings.domainId })
      .from(checkFindings)
      .where(and(isNull(checkFindings.closedAt), like(checkFindings.key, `${reportFindingPrefix}%`)));
    const rows = await tx
      .select({ id: domains.id })
      .from(domains)
      .where(or(inArray(domains.name, reported), inArray(domains.id, open)));
    return rows.map(({ id }) => id);
  });
}

export interface LockedDomain {
  readonly id: string;
  readonly name: string;
  readonly organisationId: string;
  readonly tenantId: string;
}

/** The time that is judged now. */
export function judgedScope(domain: LockedDomain, until: Date) {
  return { domain, from: new Date(until.getTime() - judgedMs), until };
}

/** Keeps what the reports of a locked domain show to be wrong. */
export async function recordOf(tx: Transaction, domain: LockedDomain, at: Date): Promise<void> {
  const { organisationId, tenantId, id: domainId } = domain;
  const found = (await findInReports(tx, judgedScope(domain, at))).map(seenFindingOf);
  await recordFindings(
    tx,
    { organisationId, tenantId, domainId },
    { found, unseen: () => false, at, by: "reports" },
  );
}

export async function lockDomain(tx: Transaction, domainId: string): Promise<LockedDomain | null> {
  const [domain] = await tx
    .select({
      id: domains.id,
      name: domains.name,
      organisationId: domains.organisationId,
      tenantId: domains.tenantId,
    })
    .from(domains)
    .where(eq(domains.id, domainId))
    .for("update");
  return domain ?? null;
}
