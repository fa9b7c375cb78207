import { deliverySpanNames, deliverySpans } from "@mailstead/core/delivery";
import type { SourceRow } from "@mailstead/core/reports";
import { dmarcRows, domains, receivedReports } from "@mailstead/db";
import { and, desc, eq, gte, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { isOfDomain } from "./read-own-dmarc.ts";

const addressesMax = 50;
const evidenceInput = z.object({
  addresses: z.array(z.string().max(64)).min(1).max(addressesMax),
  domainId: z.uuid().optional(),
  tenantId: z.uuid().optional(),
  span: z.enum(deliverySpanNames).default("month"),
});

/** What one receiver reported of some addresses' mail of one day. */
export interface SenderReport {
  readonly day: string;
  readonly reporter: string;
  readonly reportId: string;
  readonly domainId: string;
  readonly domain: string;
  readonly sourceIp: string;
  readonly messages: number;
  readonly disposition: string;
  readonly isDkimAligned: boolean;
  readonly isSpfAligned: boolean;
  readonly dkim: SourceRow["dkim"];
  readonly spf: SourceRow["spf"];
}

const reportsShownMax = 500;

/** The rows of reports behind a sender's numbers, the newest first. `total` counts those that are not shown too. */
export function getSenderReports(
  ctx: ServiceContext,
  asked: z.input<typeof evidenceInput>,
): Promise<{ readonly total: number; readonly rows: readonly SenderReport[] }> {
  const { addresses, domainId, tenantId, span } = parseInput(evidenceInput, asked);
  return withTransaction(ctx, async (tx) => {
    const until = ctx.now();
    const where = and(
      gte(dmarcRows.endsAt, new Date(until.getTime() - deliverySpans[span])),
      inArray(dmarcRows.sourceIp, addresses),
      domainId === undefined ? undefined : eq(domains.id, domainId),
      tenantId === undefined ? undefined : eq(dmarcRows.tenantId, tenantId),
    );
    const rows = await tx
      .select({
        // A report that ends at midnight is of the day before.
        day: sql<string>`to_char((${dmarcRows.endsAt} - interval '1 second') at time zone 'UTC', 'YYYY-MM-DD')`,
        reporter: receivedReports.reporter,
        reportId: receivedReports.reportId,
        domainId: domains.id,
        domain: domains.name,
        sourceIp: sql<string>`${dmarcRows.sourceIp}`,
        messages: dmarcRows.messages,
        disposition: dmarcRows.disposition,
        isDkimAligned: dmarcRows.isDkimAligned,
        isSpfAligned: dmarcRows.isSpfAligned,
        dkim: dmarcRows.dkim,
        spf: dmarcRows.spf,
        total: sql<number>`count(*) over ()`.mapWith(Number),
      })
      .from(dmarcRows)
      .innerJoin(receivedReports, eq(receivedReports.id, dmarcRows.reportId))
      .innerJoin(domains, isOfDomain)
      .where(where)
      .orderBy(desc(dmarcRows.endsAt), desc(dmarcRows.messages))
      .limit(reportsShownMax);
    return { total: rows[0]?.total ?? 0, rows: rows.map(({ total: _total, ...row }) => row) };
  });
}
