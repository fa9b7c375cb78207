import type { FindingSeverity } from "@mailstead/core/dns";
import { checkFindings, domains, servers, type Transaction, tenants, zones } from "@mailstead/db";
import { and, desc, eq, gt, isNotNull, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { countSubjects, type FindingSubject, findingSubject } from "./finding-subject.ts";

export interface FindingChange {
  id: string;
  what: "opened" | "closed";
  at: Date;
  severity: FindingSeverity;
  sentence: string;
  /** Says what kind of finding it is, by how it begins. */
  key: string;
  subject: FindingSubject;
  /** How many domains share it, as those of one host's zone do. */
  subjectCount: number;
  tenantName: string;
}

const dayMs = 86_400_000;
const rowsMax = 2000;
const changesMax = 30;

/** The findings that were opened and closed within the last day, the newest first; what many domains share is one. */
export async function listFindingChanges(ctx: ServiceContext): Promise<FindingChange[]> {
  const now = ctx.now();
  const since = new Date(now.getTime() - dayMs);
  const rows = await withTransaction(ctx, (tx) =>
    readChanges(tx, { matches: changedWithin({ since, until: now }), limit: rowsMax }),
  );
  const shared = Map.groupBy(rows, ({ what, sentence }) => `${what} ${sentence}`);
  return [...shared.values()]
    .flatMap((changes) => {
      const [first] = changes;
      if (first === undefined) return [];
      return [{ ...first, subjectCount: countSubjects(changes.map(({ subject }) => subject)) }];
    })
    .slice(0, changesMax);
}

export type ReadChange = Omit<FindingChange, "subjectCount"> & { tenantId: string | null };

/** What came within a span of time and is still there, and what went within it and had been there before. */
function changedWithin({ since, until }: { since: Date; until: Date }): SQL | undefined {
  const within = (column: typeof checkFindings.openedAt | typeof checkFindings.closedAt) =>
    and(gt(column, since), lte(column, until));
  return or(
    and(isNull(checkFindings.closedAt), isNull(checkFindings.partOf), within(checkFindings.openedAt)),
    and(
      isNotNull(checkFindings.closedAt),
      within(checkFindings.closedAt),
      lte(checkFindings.openedAt, since),
    ),
  );
}

/** What came and is not told yet, and what was told and has gone: what came and went in between is no news. */
export function untold(): SQL | undefined {
  return or(
    and(isNull(checkFindings.closedAt), isNull(checkFindings.partOf), isNull(checkFindings.openedToldAt)),
    and(
      isNotNull(checkFindings.closedAt),
      isNotNull(checkFindings.openedToldAt),
      isNull(checkFindings.closedToldAt),
    ),
  );
}

/** The findings that match, the newest change first. */
export async function readChanges(
  tx: Transaction,
  { matches, limit }: { matches: SQL | undefined; limit: number },
): Promise<ReadChange[]> {
  const rows = await tx
    .select({
      id: checkFindings.id,
      openedAt: checkFindings.openedAt,
      closedAt: checkFindings.closedAt,
      severity: checkFindings.severity,
      sentence: checkFindings.sentence,
      key: checkFindings.key,
      domainId: checkFindings.domainId,
      serverId: checkFindings.serverId,
      domainName: domains.name,
      serverName: servers.name,
      zoneId: checkFindings.zoneId,
      zoneName: zones.name,
      withdrawnDomain: checkFindings.withdrawnDomain,
      tenantId: checkFindings.tenantId,
      tenantName: tenants.name,
    })
    .from(checkFindings)
    .leftJoin(tenants, eq(tenants.id, checkFindings.tenantId))
    .leftJoin(domains, eq(domains.id, checkFindings.domainId))
    .leftJoin(servers, eq(servers.id, checkFindings.serverId))
    .leftJoin(zones, eq(zones.id, checkFindings.zoneId))
    .where(matches)
    .orderBy(
      desc(sql`coalesce(${checkFindings.closedAt}, ${checkFindings.openedAt})`),
      desc(checkFindings.id),
    )
    .limit(limit);
  return rows.map((row) => ({
    id: row.id,
    what: row.closedAt === null ? ("opened" as const) : ("closed" as const),
    at: row.closedAt ?? row.openedAt,
    severity: row.severity,
    sentence: row.sentence,
    key: row.key,
    subject: findingSubject(row),
    tenantId: row.tenantId,
    tenantName: row.tenantName ?? "",
  }));
}
