import { dkimKeys, dnsChecks, domains } from "@mailstead/db";
import { sql } from "drizzle-orm";
import {
  type Database,
  type Installation,
  ServiceError,
  type SystemContext,
  withSystemTransaction,
} from "../context/index.ts";
import { checkDomain } from "./check-domain.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** How often a domain is asked about, by how long its youngest waiting key has been known: people publish soon or late. */
const patience = [
  { knownForMs: dayMs, everyMs: minuteMs },
  { knownForMs: 30 * dayMs, everyMs: 30 * minuteMs },
  { knownForMs: Number.POSITIVE_INFINITY, everyMs: 6 * 60 * minuteMs },
] as const;

const domainsPerRun = 20;

export interface CheckedWaiting {
  domainId: string;
  startedSigning: string[];
}

/**
 * Checks the domains with keys that wait to be seen, so that signing begins without anybody pressing a button. The
 * system finds them; each is checked in the context of its own organisation, through `app`.
 */
export async function checkWaitingDomains(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<CheckedWaiting[]> {
  const due = await findDue(ctx);
  const checked: CheckedWaiting[] = [];
  for (const { domainId, organisationId } of due) {
    const own = { ...ctx, database: app, installation, organisationId, tenantId: null };
    try {
      const { startedSigning } = await checkDomain(own, { domainId });
      checked.push({ domainId, startedSigning });
    } catch (error) {
      // Removed between the two transactions.
      if (!(error instanceof ServiceError && error.kind === "not-found")) throw error;
    }
  }
  return checked;
}

function findDue(ctx: SystemContext): Promise<{ domainId: string; organisationId: string }[]> {
  const now = ctx.now();
  const interval = sql.join(
    patience.map(({ knownForMs, everyMs }) =>
      Number.isFinite(knownForMs)
        ? sql`when waiting.since > ${new Date(now.getTime() - knownForMs)}::timestamptz then ${everyMs}::bigint`
        : sql`else ${everyMs}::bigint`,
    ),
    sql` `,
  );
  return withSystemTransaction(ctx, async (tx) => {
    const { rows } = await tx.execute<{ domain_id: string; organisation_id: string }>(sql`
      select ${domains.id} as domain_id, ${domains.organisationId} as organisation_id
      from ${domains}
      join (select ${dkimKeys.domainId} as domain_id, max(${dkimKeys.reportedAt}) as since from ${dkimKeys}
        where ${dkimKeys.publicKey} is not null and not ${dkimKeys.isSigning} group by 1) waiting
        on waiting.domain_id = ${domains.id}
      left join lateral (select ${dnsChecks.checkedAt} as checked_at from ${dnsChecks}
        where ${dnsChecks.domainId} = ${domains.id} order by 1 desc limit 1) last on true
      where last.checked_at is null
        or last.checked_at <= ${now}::timestamptz - (case ${interval} end) * interval '1 millisecond'
      order by last.checked_at nulls first
      limit ${domainsPerRun}`);
    return rows.map((row) => ({ domainId: row.domain_id, organisationId: row.organisation_id }));
  });
}
