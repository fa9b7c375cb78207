import { blockListEntries, checkFindings, domains, type Transaction } from "@mailstead/db";
import { and, eq, gte, isNull, or, sql } from "drizzle-orm";
import type { Sighting } from "./outside-sights.ts";

/** Findings that name an entry, as "kind subject list": by a look from outside, or by the host's own resolver. */
const kinds = ["block-listed", "domain-block-listed", "block-list-seen-address", "block-list-seen-domain"];

/**
 * Lists whose entry most receivers refuse by: Spamhaus' SBL, CSS and XBL, and its list of domains. An entry elsewhere is a
 * reason to look, and a mark at each receiver.
 */
const decisiveLists: ReadonlySet<string> = new Set(["zen", "dbl"]);

/** Entries of block lists, from the findings that are kept of them. */
export async function readFoundListings(
  tx: Transaction,
  { from }: { from: Date },
): Promise<readonly Sighting[]> {
  const part = (place: number) => sql<string>`split_part(${checkFindings.key}, ' ', ${place}::integer)`;
  const rows = await tx
    .select({
      serverId: checkFindings.serverId,
      domainId: sql<string | null>`coalesce(${checkFindings.domainId}, ${domains.id})`,
      kind: part(1),
      subject: part(2),
      zone: part(3),
      severity: checkFindings.severity,
      openedAt: checkFindings.openedAt,
      // A host saw an entry before anybody made a finding of it.
      seenSince:
        sql<Date | null>`(select since from ${blockListEntries} entry where entry.server_id = ${checkFindings.serverId}
        and entry.state = 'listed' and lower(entry.subject) = ${part(2)} and lower(entry.list) = ${part(3)})`.mapWith(
          blockListEntries.since,
        ),
      closedAt: checkFindings.closedAt,
    })
    .from(checkFindings)
    .leftJoin(domains, and(eq(domains.tenantId, checkFindings.tenantId), eq(domains.name, part(2))))
    .where(
      and(
        sql`${part(1)} = any(${sql.param(kinds)})`,
        or(isNull(checkFindings.closedAt), gte(checkFindings.closedAt, from)),
      ),
    );
  return rows.flatMap(
    ({ serverId, domainId, kind, subject, zone, severity, openedAt, seenSince, closedAt }): Sighting[] => {
      // An entry that next to nobody goes by says nothing of a reputation.
      if (zone === "" || severity === "instruction") return [];
      const listing = {
        zone,
        sinceAt: (seenSince ?? openedAt).getTime(),
        untilAt: closedAt?.getTime() ?? null,
        isCritical: severity === "error" && decisiveLists.has(zone),
      };
      const isOfAddress = kind === "block-listed" || kind === "block-list-seen-address";
      if (!isOfAddress) return domainId === null ? [] : [{ domainId, listings: [listing] }];
      if (serverId === null) return [];
      return [{ serverId, ...(subject.includes("/") ? {} : { address: subject }), listings: [listing] }];
    },
  );
}
