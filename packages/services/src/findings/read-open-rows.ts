import { waitingFindingPrefix } from "@mailstead/core/checks";
import {
  deliveryFindingPrefix,
  type FindingDetails,
  fleetFindingPrefix,
  readFindingDetails,
} from "@mailstead/core/findings";
import { ruleFindingPrefix } from "@mailstead/core/sender-rules";
import { verdictFindingPrefix } from "@mailstead/core/verdicts";
import { checkFindings, domains, servers, type Transaction, tenants, zones } from "@mailstead/db";
import { and, asc, eq, isNull, like, or, type SQL } from "drizzle-orm";

/** How the keys of findings begin that have a line in the lists of what harms delivery. */
export const listedPrefixes = [
  deliveryFindingPrefix,
  fleetFindingPrefix,
  ruleFindingPrefix,
  verdictFindingPrefix,
  waitingFindingPrefix,
] as const;

/** Rows of findings that are listed so, the oldest first; those that are open unless told otherwise. */
export function readOpenRows(tx: Transaction, where: SQL | undefined = isNull(checkFindings.closedAt)) {
  const isListed = or(...listedPrefixes.map((prefix) => like(checkFindings.key, `${prefix}%`)));
  return readRows(tx, and(isListed, where));
}

export type FindingRow = Awaited<ReturnType<typeof readRows>>[number];

/** Rows of findings of every kind. */
export async function readRows(tx: Transaction, where: SQL | undefined) {
  const rows = await tx
    .select({
      id: checkFindings.id,
      tenantId: checkFindings.tenantId,
      tenantName: tenants.name,
      serverId: checkFindings.serverId,
      serverName: servers.name,
      domainId: checkFindings.domainId,
      domainName: domains.name,
      zoneId: checkFindings.zoneId,
      zoneName: zones.name,
      withdrawnDomain: checkFindings.withdrawnDomain,
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
    .leftJoin(zones, eq(zones.id, checkFindings.zoneId))
    .where(where)
    .orderBy(asc(checkFindings.openedAt), asc(checkFindings.id));
  return rows.map((row) => ({
    ...row,
    details: readFindingDetails(row.details) satisfies FindingDetails | null,
  }));
}
