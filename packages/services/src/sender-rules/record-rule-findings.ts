import {
  bulkPerDayLeast,
  findingsOfRules,
  ruledProviders,
  ruleFindingPrefix,
} from "@mailstead/core/sender-rules";
import { deliveryDays, domains, type Transaction, telemetryStreams } from "@mailstead/db";
import { eq, sql } from "drizzle-orm";
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
import { readSenderRules } from "./get-sender-rules.ts";

/**
 * Keeps among the findings of each domain that sends much which rules of its receivers it does not keep. Idempotent, and
 * safe beside itself. Gives the organisations in which it failed.
 */
export async function recordRuleFindings(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .selectDistinct({ organisationId: telemetryStreams.organisationId })
      .from(telemetryStreams)
      .where(eq(telemetryStreams.stream, "delivery")),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own) => {
    for (const domainId of await withTransaction(own, findJudged)) await recordOf(own, domainId);
    return undefined;
  });
  return failed.map(({ row: { organisationId }, cause }) => ({ organisationId, cause }));
}

/** Domains that may be bulk senders, with the domains below them, and those of which a finding is open. */
async function findJudged(tx: Transaction): Promise<string[]> {
  const providers = sql.join(
    ruledProviders.map((provider) => sql`${provider}`),
    sql`, `,
  );
  const { rows } = await tx.execute<{ id: string }>(sql`with sums as (
      select tenant_id, domain, starts_at, provider, sum(first_attempts) as messages from ${deliveryDays}
      where direction = 'outbound' and provider in (${providers}) group by 1, 2, 3, 4),
    parts as (select tenant_id, domain, string_to_array(domain, '.') as labels
      from (select distinct tenant_id, domain from sums) as names),
    owners as (
      select parts.tenant_id, parts.domain, domains.id from parts
      cross join lateral generate_series(1, cardinality(parts.labels)) as n
      join domains on domains.name = array_to_string(parts.labels[n:], '.') and domains.tenant_id = parts.tenant_id)
    select owners.id from sums join owners using (tenant_id, domain)
      group by owners.id, sums.starts_at, sums.provider having sum(sums.messages) >= ${bulkPerDayLeast}::integer
    union
    select domain_id from check_findings
      where closed_at is null and domain_id is not null and key like ${`${ruleFindingPrefix}%`}`);
  return rows.map(({ id }) => id);
}

function recordOf(ctx: ServiceContext, domainId: string): Promise<void> {
  const at = ctx.now();
  return withTransaction(ctx, async (tx) => {
    const [domain] = await tx.select().from(domains).where(eq(domains.id, domainId)).for("update");
    if (domain === undefined) return;
    const { organisationId, tenantId } = domain;
    const { providers } = await readSenderRules(tx, domain, at);
    const { found, unsettled } = findingsOfRules(domain.name, providers);
    await recordFindings(
      tx,
      { organisationId, tenantId, domainId },
      { found, unseen: (key) => unsettled.includes(key), at, by: "rules" },
    );
  });
}
