import type { OwnSenders, SourceRow } from "@mailstead/core/reports";
import {
  dmarcRows,
  feedbackReports,
  receivedReports,
  reportTroubles,
  type Transaction,
  tlsFailures,
} from "@mailstead/db";
import { and, desc, eq, gte, inArray, lt, max, sql } from "drizzle-orm";
import { readMailWishes } from "../domains/index.ts";
import { readOwnHosts } from "./own-hosts.ts";

/** Of which domain, and of which time. */
export interface ReportScope {
  readonly domain: { readonly name: string; readonly tenantId: string };
  readonly from: Date;
  readonly until: Date;
}

type Dated = typeof receivedReports | typeof dmarcRows | typeof tlsFailures;

const within = (table: Dated, { domain, from, until }: ReportScope) =>
  and(
    eq(table.domain, domain.name),
    eq(table.tenantId, domain.tenantId),
    gte(table.endsAt, from),
    lt(table.endsAt, until),
  );

/** Sums of the reports of a kind by receiver and day, in UTC. */
export async function readReportSums(tx: Transaction, kind: "dmarc" | "tls", scope: ReportScope) {
  const sum = (column: typeof receivedReports.total) => sql<number>`sum(${column})`.mapWith(Number);
  const day = sql<string>`to_char(${receivedReports.endsAt} at time zone 'UTC', 'YYYY-MM-DD')`;
  return tx
    .select({
      reporter: receivedReports.reporter,
      day,
      reports: sql<number>`count(*) filter (where ${receivedReports.part} = 0)`.mapWith(Number),
      total: sum(receivedReports.total),
      passed: sum(receivedReports.passed),
      dkimAligned: sum(receivedReports.dkimAligned),
      spfAligned: sum(receivedReports.spfAligned),
    })
    .from(receivedReports)
    .where(and(eq(receivedReports.kind, kind), within(receivedReports, scope)))
    .groupBy(receivedReports.reporter, day)
    .orderBy(day);
}

/** The policy that the last report found; null where none told one. */
export async function readLastPolicy(tx: Transaction, scope: ReportScope): Promise<string | null> {
  const [row] = await tx
    .select({ policy: receivedReports.policy })
    .from(receivedReports)
    .where(and(eq(receivedReports.kind, "dmarc"), within(receivedReports, scope)))
    .orderBy(desc(receivedReports.endsAt))
    .limit(1);
  return row?.policy ?? null;
}

/** Ways to fare of one domain's mail beyond which the rarest are left out of the sources; sums do not suffer. */
export const sourceRowsMax = 5000;

/** By what rows of reports are told apart; those that are alike in all of it are one source row. */
export const sourceColumns = {
  sourceIp: dmarcRows.sourceIp,
  disposition: dmarcRows.disposition,
  isDkimAligned: dmarcRows.isDkimAligned,
  isSpfAligned: dmarcRows.isSpfAligned,
  dkim: dmarcRows.dkim,
  spf: dmarcRows.spf,
  reasons: dmarcRows.reasons,
} as const;

export async function readSourceRows(tx: Transaction, scope: ReportScope): Promise<SourceRow[]> {
  const messages = sql<number>`sum(${dmarcRows.messages})`.mapWith(Number);
  return tx
    .select({
      ...sourceColumns,
      messages,
    })
    .from(dmarcRows)
    .where(within(dmarcRows, scope))
    .groupBy(
      dmarcRows.sourceIp,
      dmarcRows.disposition,
      dmarcRows.isDkimAligned,
      dmarcRows.isSpfAligned,
      dmarcRows.dkim,
      dmarcRows.spf,
      dmarcRows.reasons,
    )
    .orderBy(desc(messages))
    .limit(sourceRowsMax);
}

const kindsOfFailureMax = 50;

/** Failed sessions by type, the most frequent first. */
export async function readTlsFailures(tx: Transaction, scope: ReportScope) {
  const sessions = sql<number>`sum(${tlsFailures.sessions})`.mapWith(Number);
  return tx
    .select({
      type: tlsFailures.type,
      sessions,
      hosts: sql<string[]>`coalesce(array_agg(distinct ${tlsFailures.receivingHost})
        filter (where ${tlsFailures.receivingHost} is not null), '{}')`,
      reporters: sql<string[]>`array_agg(distinct ${receivedReports.reporter})`,
      reasons: sql<string[]>`(coalesce(array_agg(distinct ${tlsFailures.reason})
        filter (where ${tlsFailures.reason} is not null), '{}'))[1:5]`,
    })
    .from(tlsFailures)
    .innerJoin(receivedReports, eq(receivedReports.id, tlsFailures.reportId))
    .where(within(tlsFailures, scope))
    .groupBy(tlsFailures.type)
    .orderBy(desc(sessions))
    .limit(kindsOfFailureMax);
}

const failuresShownMax = 50;

/** Single messages that receivers reported as unproven, the newest first. */
export async function readFailureReports(tx: Transaction, { domain, from, until }: ReportScope) {
  return tx
    .select({
      id: feedbackReports.id,
      reportedAt: feedbackReports.reportedAt,
      reporter: feedbackReports.reporter,
      sourceIp: feedbackReports.sourceIp,
      failure: feedbackReports.failure,
      dkimDomain: feedbackReports.dkimDomain,
      dkimSelector: feedbackReports.dkimSelector,
      results: feedbackReports.results,
    })
    .from(feedbackReports)
    .where(
      and(
        eq(feedbackReports.kind, "failure"),
        eq(feedbackReports.domain, domain.name),
        eq(feedbackReports.tenantId, domain.tenantId),
        gte(feedbackReports.reportedAt, from),
        lt(feedbackReports.reportedAt, until),
      ),
    )
    .orderBy(desc(feedbackReports.reportedAt))
    .limit(failuresShownMax);
}

/** What arrived at these hosts and was not stored, by what it was. */
export async function readTroubles(tx: Transaction, serverIds: readonly string[], from: Date) {
  if (serverIds.length === 0) return [];
  return tx
    .select({
      kind: reportTroubles.kind,
      why: reportTroubles.why,
      mails: sql<number>`sum(${reportTroubles.mails})`.mapWith(Number),
      lastAt: max(reportTroubles.lastAt),
    })
    .from(reportTroubles)
    .where(
      and(
        inArray(reportTroubles.serverId, [...serverIds]),
        gte(reportTroubles.day, from.toISOString().slice(0, 10)),
      ),
    )
    .groupBy(reportTroubles.kind, reportTroubles.why)
    .orderBy(desc(max(reportTroubles.lastAt)))
    .limit(20);
}

/** Who sends for a domain, as far as it is known here. */
export async function readOwnSenders(
  tx: Transaction,
  domain: { id: string; name: string },
): Promise<OwnSenders & { readonly hosts: readonly { id: string; hostname: string; role: string }[] }> {
  const own = (await readOwnHosts(tx, [domain.id])).get(domain.id);
  const hosts = own?.hosts ?? [];
  const { settings } = await readMailWishes(tx, domain.id);
  return {
    domain: domain.name,
    hosts,
    servers: hosts.map(({ name, ipAddresses }) => ({ name, addresses: ipAddresses })),
    smarthosts: own?.smarthosts(domain.name) ?? [],
    selectors: own?.selectors ?? [],
    includes: settings.spf.includes,
  };
}
