import {
  deliveryFindingPrefix,
  type FindingDetails,
  fleetFindingPrefix,
  readFindingDetails,
} from "@mailstead/core/findings";
import { ruleFindingPrefix } from "@mailstead/core/sender-rules";
import { verdictFindingPrefix } from "@mailstead/core/verdicts";
import { checkFindings, domains, servers, type Transaction, tenants } from "@mailstead/db";
import { and, asc, eq, isNull, like, or, type SQL } from "drizzle-orm";

/** How the keys of findings begin that have a page of their own and a line in the lists of what harms delivery. */
export const listedPrefixes = [
  deliveryFindingPrefix,
  fleetFindingPrefix,
  ruleFindingPrefix,
  verdictFindingPrefix,
] as const;

/** Rows of findings about deliveries, of events of many servers and of what senders break, the oldest first; those that are open unless told otherwise. */
export async function readOpenRows(tx: Transaction, where: SQL | undefined = isNull(checkFindings.closedAt)) {
  const rows = await tx
    .select({
      id: checkFindings.id,
      tenantId: checkFindings.tenantId,
      tenantName: tenants.name,
      serverId: checkFindings.serverId,
      serverName: servers.name,
      domainId: checkFindings.domainId,
      domainName: domains.name,
      key: checkFindings.key,
      severity: checkFindings.severity,
      sentence: checkFindings.sentence,
      details: checkFindings.details,
      openedAt: checkFindings.openedAt,
      closedAt: checkFindings.closedAt,
      partOf: checkFindings.partOf,
      acknowledgedAt: checkFindings.acknowledgedAt,
      acknowledgedBy: checkFindings.acknowledgedBy,
      snoozedUntil: checkFindings.snoozedUntil,
    })
    .from(checkFindings)
    .leftJoin(tenants, eq(tenants.id, checkFindings.tenantId))
    .leftJoin(servers, eq(servers.id, checkFindings.serverId))
    .leftJoin(domains, eq(domains.id, checkFindings.domainId))
    .where(and(or(...listedPrefixes.map((prefix) => like(checkFindings.key, `${prefix}%`))), where))
    .orderBy(asc(checkFindings.openedAt), asc(checkFindings.id));
  return rows.map((row) => ({
    ...row,
    details: readFindingDetails(row.details) satisfies FindingDetails | null,
  }));
}
