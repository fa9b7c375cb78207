import { readProvider } from "@mailstead/core/delivery";
import { reputationLimits } from "@mailstead/core/reputation";
import { fleetDays, reputationDays, type Transaction } from "@mailstead/db";
import { and, eq, getTableColumns, gte, isNull, sql } from "drizzle-orm";
import type { DaysAtReceiver } from "./get-fleet-reputation.ts";

/** Fewer replies of a day than these may be chance. */
const slowedMin = 3;

/** A sender of whom some were blocked, or so many put off that it is no chance. */
export const isHeld = sql`(${reputationDays.blocked} > 0 or (${reputationDays.slowed} >= ${slowedMin}
  and ${reputationDays.slowed} > ${reputationDays.messages} * ${reputationLimits.deferred}::float8))`;

/** Sums the judged days of all servers since a day, for each customer and for the organisation. Idempotent. */
export async function sumFleetDays(
  tx: Transaction,
  { organisationId, from }: { organisationId: string; from: string },
): Promise<void> {
  await tx
    .delete(fleetDays)
    .where(and(eq(fleetDays.organisationId, organisationId), gte(fleetDays.day, from)));
  await tx.execute(sql`insert into ${fleetDays} (organisation_id, tenant_id, day, provider,
      messages, delivered, deferred, refused, slowed, blocked, senders, held_senders)
    select organisation_id, tenant_id, day, provider,
      sum(messages), sum(delivered), sum(deferred), sum(refused), sum(slowed), sum(blocked),
      count(*) filter (where messages > 0), count(*) filter (where ${isHeld})
    from ${reputationDays}
    where organisation_id = ${organisationId} and day >= ${from}::date and server_id is not null
    group by grouping sets ((organisation_id, tenant_id, day, provider), (organisation_id, day, provider))`);
}

/** The sums of one customer's servers, or of all. */
export async function readFleetDays(
  tx: Transaction,
  { tenantId, from }: { tenantId: string | null; from: string },
): Promise<readonly DaysAtReceiver[]> {
  const { organisationId: _organisation, tenantId: tenant, ...columns } = getTableColumns(fleetDays);
  const rows = await tx
    .select(columns)
    .from(fleetDays)
    .where(and(gte(fleetDays.day, from), tenantId === null ? isNull(tenant) : eq(tenant, tenantId)))
    .orderBy(fleetDays.day);
  return rows.map(({ provider, ...row }) => ({ ...row, provider: readProvider(provider) }));
}
