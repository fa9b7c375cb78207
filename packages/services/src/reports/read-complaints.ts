import { readProvider } from "@mailstead/core/delivery";
import type { ComplaintDay, ComplaintScope } from "@mailstead/core/reputation";
import { domains, feedbackReports, servers, type Transaction } from "@mailstead/db";
import { and, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import { z } from "zod";

// What says that a message was welcome after all, or that somebody wants off a list, is no complaint about its sender.
const complaintTypes = ["abuse", "fraud", "virus", "other", "miscategorized"];

/** The server that has the address which the mail came from. Where the report arrived says nothing of that. */
const senderId = sql<string | null>`(select min(${servers.id}::text) from ${servers}
  where ${servers.organisationId} = ${feedbackReports.organisationId} and ${servers.tenantId} = ${feedbackReports.tenantId}
    and ${servers.facts} -> 'ipAddresses' ? ${feedbackReports.sourceIp})`;

/** The same asked of one server: which of its addresses are its alone, or its first, is looked up once. */
function isOfServer(serverId: string): SQL {
  return sql`${feedbackReports.tenantId} = (select tenant_id from ${servers} where id = ${serverId})
    and ${feedbackReports.sourceIp} in (
      select address from ${servers} own cross join lateral jsonb_array_elements_text(own.facts -> 'ipAddresses') address
      where own.id = ${serverId} and own.id::text = (select min(other.id::text) from ${servers} other
        where other.organisation_id = own.organisation_id and other.tenant_id = own.tenant_id
          and other.facts -> 'ipAddresses' ? address))`;
}

/**
 * Complaints that receivers passed on as feedback reports (RFC 5965), by domain, address, receiver and day. Rows are seen
 * as the transaction's context lets.
 */
export async function readComplaints(
  tx: Transaction,
  { domainId, serverId }: ComplaintScope,
  { from, until }: { from: Date; until: Date },
): Promise<readonly ComplaintDay[]> {
  const day = sql<string>`to_char(${feedbackReports.reportedAt} at time zone 'UTC', 'YYYY-MM-DD')`;
  const rows = await tx
    .select({
      domainId: domains.id,
      serverId: serverId === undefined ? senderId : sql<string | null>`${serverId}::text`,
      address: feedbackReports.sourceIp,
      provider: feedbackReports.provider,
      reporter: feedbackReports.reporter,
      day,
      complaints: sql<string>`sum(${feedbackReports.incidents})`,
    })
    .from(feedbackReports)
    .leftJoin(
      domains,
      and(
        eq(domains.organisationId, feedbackReports.organisationId),
        eq(domains.tenantId, feedbackReports.tenantId),
        eq(domains.name, feedbackReports.domain),
      ),
    )
    .where(
      and(
        eq(feedbackReports.kind, "complaint"),
        sql`${feedbackReports.type} = any(${sql.param(complaintTypes)})`,
        gte(feedbackReports.reportedAt, from),
        lt(feedbackReports.reportedAt, until),
        domainId === undefined ? undefined : eq(domains.id, domainId),
        serverId === undefined ? undefined : isOfServer(serverId),
      ),
    )
    .groupBy(sql`1, 2, 3, 4, 5, 6`)
    .orderBy(day);
  return rows.map((row) => ({
    ...row,
    source: "feedback-loop" as const,
    provider: readProvider(row.provider),
    complaints: z.coerce.number().parse(row.complaints),
    of: null,
    share: null,
  }));
}
