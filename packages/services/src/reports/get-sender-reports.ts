import { deliverySpanNames, deliverySpans } from "@mailstead/core/delivery";
import type { SourceRow } from "@mailstead/core/reports";
import { dmarcRows, domains, receivedReports } from "@mailstead/db";
import { desc, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";

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
    // What came from the addresses is found first, which is little: Postgres would go through every domain's reports for it.
    const from = new Date(until.getTime() - deliverySpans[span]).toISOString();
    const { rows: newest } = await tx.execute<{ id: string; domainId: string; total: number }>(sql`
      with sent as materialized (
        select id, organisation_id, tenant_id, domain, ends_at, messages from ${dmarcRows}
        where source_ip = any(${sql.param(addresses)}::text[]) and ends_at >= ${from}::timestamptz
          ${tenantId === undefined ? sql`` : sql`and tenant_id = ${tenantId}`})
      select sent.id, own.id as "domainId", (count(*) over ())::float8 as total
      from sent join ${domains} own on own.organisation_id = sent.organisation_id and own.tenant_id = sent.tenant_id
        and own.name = sent.domain
      where ${domainId === undefined ? sql`true` : sql`own.id = ${domainId}`}
      order by sent.ends_at desc, sent.messages desc limit ${reportsShownMax}`);
    const domainOf = new Map(newest.map((row) => [row.id, row.domainId]));
    const rows = await tx
      .select({
        // A report that ends at midnight is of the day before.
        day: sql<string>`to_char((${dmarcRows.endsAt} - interval '1 second') at time zone 'UTC', 'YYYY-MM-DD')`,
        reporter: receivedReports.reporter,
        reportId: receivedReports.reportId,
        id: dmarcRows.id,
        domain: dmarcRows.domain,
        sourceIp: sql<string>`${dmarcRows.sourceIp}`,
        messages: dmarcRows.messages,
        disposition: dmarcRows.disposition,
        isDkimAligned: dmarcRows.isDkimAligned,
        isSpfAligned: dmarcRows.isSpfAligned,
        dkim: dmarcRows.dkim,
        spf: dmarcRows.spf,
      })
      .from(dmarcRows)
      .innerJoin(receivedReports, eq(receivedReports.id, dmarcRows.reportId))
      .where(inArray(dmarcRows.id, [...domainOf.keys()]))
      .orderBy(desc(dmarcRows.endsAt), desc(dmarcRows.messages));
    return {
      total: newest[0]?.total ?? 0,
      rows: rows.map(({ id, ...row }) => ({ ...row, domainId: domainOf.get(id) ?? "" })),
    };
  });
}
