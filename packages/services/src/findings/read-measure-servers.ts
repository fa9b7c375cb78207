import { domainRoles, signsMail } from "@mailstead/core/domains";
import type { FindingMeasure } from "@mailstead/core/findings";
import { standbyRelay } from "@mailstead/core/servers";
import { domainServers, servers, type Transaction } from "@mailstead/db";
import { and, asc, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";

/** A server on which the measure of a finding may be started. */
export interface MeasureServer {
  readonly id: string;
  readonly name: string;
  readonly isInForce: boolean;
  /** What a relay needs. */
  readonly hasStandby: boolean;
}

/** The servers that a finding is about, as far as the person sees them, with how its measure stands on each. */
export async function readMeasureServers(
  tx: Transaction,
  finding: { serverId: string | null; domainId: string | null; struckIds: readonly string[] },
  { measure, provider }: FindingMeasure,
): Promise<readonly MeasureServer[]> {
  const whose = whoseServers(tx, finding);
  if (whose === null) return [];
  return tx
    .select({
      id: servers.id,
      name: servers.name,
      isInForce: sql<boolean>`exists (select 1 from measures where measures.server_id = servers.id
        and measures.kind = ${measure} and measures.provider = ${provider} and measures.ended_at is null)`,
      hasStandby: sql<boolean>`exists (select 1 from target_states where target_states.server_id = servers.id
        and target_states.revision = servers.target_revision
        and jsonb_path_exists(target_states.document::jsonb, '$.destinationRelays[*] ? (@.to == $standby)',
          jsonb_build_object('standby', ${standbyRelay}::text)))`,
    })
    .from(servers)
    .where(whose)
    .orderBy(asc(servers.name), asc(servers.id));
}

/** Of a domain all that send for it: what a receiver holds against it follows it to each. */
function whoseServers(
  tx: Transaction,
  {
    serverId,
    domainId,
    struckIds,
  }: { serverId: string | null; domainId: string | null; struckIds: readonly string[] },
): SQL | null {
  if (struckIds.length > 0) return inArray(servers.id, [...struckIds]);
  if (serverId !== null) return eq(servers.id, serverId);
  if (domainId === null) return null;
  const senders = tx
    .select({ id: domainServers.serverId })
    .from(domainServers)
    .where(
      and(
        eq(domainServers.domainId, domainId),
        inArray(domainServers.role, domainRoles.filter(signsMail)),
        isNull(domainServers.leavesSince),
      ),
    );
  return inArray(servers.id, senders);
}
