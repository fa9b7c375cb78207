import { type ProviderId, providers } from "@mailstead/core/delivery";
import { feedbackReports, type Transaction } from "@mailstead/db";
import { and, eq, gte, lt, sql } from "drizzle-orm";
import { z } from "zod";

/** Complaints of one day that one receiver passed on, by where they are known from. */
export interface ComplaintCount {
  readonly domain: string;
  /** Null where the receiver is none that many domains share; `reporter` names it. */
  readonly provider: ProviderId | null;
  readonly reporter: string;
  /** As 2026-11-20, in UTC. */
  readonly day: string;
  readonly complaints: number;
  readonly source: "feedback-reports";
}

/** Whose complaints. What is left out bounds nothing. */
export interface ComplaintScope {
  readonly domain?: string;
  readonly serverId?: string;
}

// What says that a message was welcome after all, or that somebody wants off a list, is no complaint about its sender.
const complaintTypes = ["abuse", "fraud", "virus", "other", "miscategorized"];

/**
 * Complaints that receivers passed on as feedback reports (RFC 5965), by domain, receiver and day. Rows are seen as the
 * transaction's context lets.
 */
export async function readComplaints(
  tx: Transaction,
  { domain, serverId }: ComplaintScope,
  { from, until }: { from: Date; until: Date },
): Promise<readonly ComplaintCount[]> {
  const day = sql<string>`to_char(${feedbackReports.reportedAt} at time zone 'UTC', 'YYYY-MM-DD')`;
  const rows = await tx
    .select({
      domain: feedbackReports.domain,
      provider: feedbackReports.provider,
      reporter: feedbackReports.reporter,
      day,
      complaints: sql<string>`sum(${feedbackReports.incidents})`,
    })
    .from(feedbackReports)
    .where(
      and(
        eq(feedbackReports.kind, "complaint"),
        sql`${feedbackReports.type} = any(${sql.param(complaintTypes)})`,
        gte(feedbackReports.reportedAt, from),
        lt(feedbackReports.reportedAt, until),
        domain === undefined ? undefined : eq(feedbackReports.domain, domain),
        serverId === undefined ? undefined : eq(feedbackReports.serverId, serverId),
      ),
    )
    .groupBy(feedbackReports.domain, feedbackReports.provider, feedbackReports.reporter, day)
    .orderBy(day);
  return rows.map((row) => ({
    ...row,
    provider: row.provider in providers ? (row.provider as ProviderId) : null,
    complaints: z.coerce.number().parse(row.complaints),
    source: "feedback-reports" as const,
  }));
}
