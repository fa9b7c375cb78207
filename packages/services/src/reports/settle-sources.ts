import { isGuardedBy, strangersByName } from "@mailstead/core/reports";
import { checkFindings, insertMany, settledSources, type Transaction } from "@mailstead/db";
import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { readShown } from "./get-domain-reports.ts";
import { judgedScope, type LockedDomain, lockDomain, recordOf } from "./record-report-findings.ts";

const sourceSchema = z.string().min(1).max(100);
const settleInput = z.object({
  domainId: z.uuid(),
  /** Left out for all strangers that the reports of the last days show. */
  sources: z.array(sourceSchema).min(1).max(500).optional(),
});

/** With what fails most first; whoever forges a domain from more addresses than these is not settled by one press. */
const settledAtOnceMax = 5000;

/**
 * Notes that a person has seen who sends in a domain's name without proof, and that nothing is to be done. They are
 * counted no more, until one sends far more or the domain's policy becomes weaker. Throws `not-found`, also for a source
 * that the reports of the last days do not show.
 */
export async function settleSources(
  ctx: ServiceContext,
  input: z.input<typeof settleInput>,
): Promise<{ settled: number }> {
  requireRole(ctx, "technician");
  const { domainId, sources } = parseInput(settleInput, input);
  return withTransaction(ctx, async (tx) => {
    const domain = await requireDomain(tx, domainId);
    const { days, policy, sources: shown } = await readShown(tx, judgedScope(domain, ctx.now()));
    const failed = strangersByName({ sources: shown });
    const chosen = [...new Set(sources ?? failed.keys())].slice(0, settledAtOnceMax);
    const absent = chosen.find((source) => !failed.has(source));
    if (absent !== undefined)
      throw new ServiceError(
        "not-found",
        `The reports of the last days show no mail without proof from ${absent}.`,
      );
    if (chosen.length === 0)
      throw new ServiceError(
        "conflict",
        `The reports of the last days show nobody unknown for ${domain.name}.`,
      );
    await forget(tx, domainId, chosen);
    const { organisationId, tenantId } = domain;
    await insertMany(
      tx,
      settledSources,
      chosen.map((source) => ({
        ...{ domainId, source, organisationId, tenantId },
        failedPerDay: (failed.get(source) ?? 0) / days,
        wasGuarded: isGuardedBy(policy),
        settledBy: ctx.actor.name,
        settledAt: ctx.now(),
      })),
    );
    await tell(tx, ctx, { domain, action: "settle-sources", sources: chosen });
    await recordOf(tx, domain, ctx.now());
    return { settled: chosen.length };
  });
}

const unsettleInput = z.object({ domainId: z.uuid(), source: sourceSchema });

/** Takes back that nothing is to be done about a source. Throws `not-found`. */
export async function unsettleSource(
  ctx: ServiceContext,
  input: z.input<typeof unsettleInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { domainId, source } = parseInput(unsettleInput, input);
  return withTransaction(ctx, async (tx) => {
    const domain = await requireDomain(tx, domainId);
    if ((await forget(tx, domainId, [source])) === 0)
      throw new ServiceError("not-found", `Nobody has settled ${source} for ${domain.name}.`);
    await tell(tx, ctx, { domain, action: "unsettle-source", sources: [source] });
    await recordOf(tx, domain, ctx.now());
  });
}

async function requireDomain(tx: Transaction, domainId: string): Promise<LockedDomain> {
  const domain = await lockDomain(tx, domainId);
  if (domain === null) throw new ServiceError("not-found", "There is no such domain.");
  return domain;
}

async function forget(tx: Transaction, domainId: string, sources: readonly string[]): Promise<number> {
  const gone = await tx
    .delete(settledSources)
    .where(
      and(
        eq(settledSources.domainId, domainId),
        sql`${settledSources.source} = any(${sql.param(sources)}::text[])`,
      ),
    )
    .returning({ source: settledSources.source });
  return gone.length;
}

const toldMax = 50;

/** With the finding where one is open, so that its history has it, else with the domain. */
async function tell(
  tx: Transaction,
  ctx: ServiceContext,
  { domain, action, sources }: { domain: LockedDomain; action: string; sources: readonly string[] },
): Promise<void> {
  const [finding] = await tx
    .select({ id: checkFindings.id, sentence: checkFindings.sentence })
    .from(checkFindings)
    .where(
      and(
        eq(checkFindings.domainId, domain.id),
        eq(checkFindings.key, `reported-stranger ${domain.name}`),
        isNull(checkFindings.closedAt),
      ),
    );
  await recordAudit(tx, ctx, {
    organisationId: domain.organisationId,
    tenantId: domain.tenantId,
    action,
    subject:
      finding === undefined
        ? { kind: "domain", id: domain.id, name: domain.name }
        : { kind: "finding", id: finding.id, name: finding.sentence },
    after: { domain: domain.name, sources: sources.slice(0, toldMax), count: sources.length },
  });
}
