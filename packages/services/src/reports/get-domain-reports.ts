import { deliverySpanNames, deliverySpans, type ProviderId } from "@mailstead/core/delivery";
import type { CheckFinding } from "@mailstead/core/dns";
import {
  isStranger,
  judgeReports,
  judgeSources,
  type ReportFindingKind,
  type ReportSource,
  reportAddressOf,
  sourceName,
} from "@mailstead/core/reports";
import type { ComplaintDay } from "@mailstead/core/reputation";
import { domains, settledSources, type Transaction, telemetryStreams } from "@mailstead/db";
import { and, eq, inArray, max } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { readComplaints } from "./read-complaints.ts";
import {
  type ReportScope,
  readFailureReports,
  readLastPolicy,
  readOwnSenders,
  readReportSums,
  readSourceRows,
  readTlsFailures,
  readTroubles,
} from "./read-reports.ts";

const input = z.object({ domainId: z.uuid(), span: z.enum(deliverySpanNames).default("week") });

export interface ReportSum {
  readonly total: number;
  readonly passed: number;
  readonly dkimAligned: number;
  readonly spfAligned: number;
  readonly reports: number;
}

export interface ShownSource extends ReportSource {
  /** What it is settled by; null where it is no stranger, or proved all that it sent. */
  readonly strangerName: string | null;
  /** Who said that nothing is to be done about it. */
  readonly settled: { readonly by: string; readonly at: Date } | null;
}

/** Complaints of one day that one receiver passed on. */
export interface PassedOn {
  /** As 2026-11-20, in UTC. */
  readonly day: string;
  /** Null where the receiver is none that many domains share; `reporter` names it. */
  readonly provider: ProviderId | null;
  readonly reporter: string;
  readonly complaints: number;
}

export interface DomainReports {
  readonly from: Date;
  readonly until: Date;
  /** Where reports about this domain arrive, by host; to be named at feedback loops too. */
  readonly addresses: readonly string[];
  /** When a host last told of any report; null when none ever has. */
  readonly toldAt: Date | null;
  readonly dmarc: ReportSum & {
    readonly policy: string | null;
    readonly days: readonly (ReportSum & { readonly day: string })[];
    readonly reporters: readonly (ReportSum & { readonly reporter: string })[];
    readonly sources: readonly ShownSource[];
  };
  readonly tls: ReportSum & {
    readonly reporters: readonly (ReportSum & { readonly reporter: string })[];
    readonly failures: Awaited<ReturnType<typeof readTlsFailures>>;
  };
  readonly complaints: readonly PassedOn[];
  readonly failures: Awaited<ReturnType<typeof readFailureReports>>;
  readonly troubles: Awaited<ReturnType<typeof readTroubles>>;
  readonly findings: readonly CheckFinding<ReportFindingKind>[];
}

/** What receivers reported of a domain's mail. Throws `not-found`. */
export function getDomainReports(ctx: ServiceContext, asked: z.input<typeof input>): Promise<DomainReports> {
  const { domainId, span } = parseInput(input, asked);
  return withTransaction(ctx, async (tx) => {
    const [domain] = await tx
      .select({ id: domains.id, name: domains.name, tenantId: domains.tenantId })
      .from(domains)
      .where(eq(domains.id, domainId));
    if (domain === undefined) throw new ServiceError("not-found", "There is no such domain.");
    const until = ctx.now();
    const from = new Date(until.getTime() - deliverySpans[span]);
    return readDomainReports(tx, { domain, from, until });
  });
}

const sourcesShownMax = 200;
const dayMs = 86_400_000;

async function readDomainReports(
  tx: Transaction,
  { domain, from, until }: DomainSpan,
): Promise<DomainReports> {
  const { scope, days, policy, sources, hosts } = await readShown(tx, { domain, from, until });
  const dmarc = await readReportSums(tx, "dmarc", scope);
  const tls = await readReportSums(tx, "tls", scope);
  const failures = await readTlsFailures(tx, scope);
  const settled = await tx.select().from(settledSources).where(eq(settledSources.domainId, domain.id));
  const serverIds = hosts.map(({ id }) => id);
  const tlsSum = sumOf(tls);
  return {
    from,
    until,
    addresses: hosts.slice(0, 1).map(({ hostname }) => reportAddressOf(hostname)),
    toldAt: await readToldAt(tx, serverIds),
    dmarc: {
      ...sumOf(dmarc),
      policy,
      days: sumsBy(dmarc, "day").map(({ name, ...sum }) => ({ day: name, ...sum })),
      reporters: byReporter(dmarc),
      sources: sources.slice(0, sourcesShownMax).map((source) => shownOf(source, settled)),
    },
    tls: { ...tlsSum, reporters: byReporter(tls), failures },
    complaints: passedOn(await readComplaints(tx, { domainId: domain.id }, scope)),
    failures: await readFailureReports(tx, scope),
    troubles: await readTroubles(tx, serverIds, from),
    findings: judgeReports({
      domain: domain.name,
      days,
      policy,
      messages: sumOf(dmarc).total,
      sources,
      settled,
      tls: { sessions: tlsSum.total, failures },
    }),
  };
}

interface DomainSpan {
  readonly domain: { readonly id: string; readonly name: string; readonly tenantId: string };
  readonly from: Date;
  readonly until: Date;
}

/** Who sent in a domain's name over some days, by its reports, and what receivers were asked to do with what proves nothing. */
export async function readShown(tx: Transaction, { domain, from, until }: DomainSpan) {
  // A report of today may end a little after now, where a receiver's clock is ahead.
  const scope: ReportScope = { domain, from, until: new Date(until.getTime() + dayMs) };
  const { hosts, ...own } = await readOwnSenders(tx, domain);
  return {
    scope,
    hosts,
    days: Math.round((until.getTime() - from.getTime()) / dayMs),
    policy: await readLastPolicy(tx, scope),
    sources: judgeSources(await readSourceRows(tx, scope), own),
  };
}

function shownOf(
  source: ReportSource,
  settled: readonly (typeof settledSources.$inferSelect)[],
): ShownSource {
  const name = sourceName(source);
  const own = isStranger(source) ? settled.find((one) => one.source === name) : undefined;
  return {
    ...source,
    strangerName: isStranger(source) ? name : null,
    settled: own === undefined ? null : { by: own.settledBy, at: own.settledAt },
  };
}

/** What is wrong in the reports of some days, as it is remembered and mailed. */
export async function findInReports(
  tx: Transaction,
  scope: DomainSpan,
): Promise<readonly CheckFinding<ReportFindingKind>[]> {
  return (await readDomainReports(tx, scope)).findings;
}

async function readToldAt(tx: Transaction, serverIds: readonly string[]): Promise<Date | null> {
  if (serverIds.length === 0) return null;
  const [told] = await tx
    .select({ at: max(telemetryStreams.storedAt) })
    .from(telemetryStreams)
    .where(and(inArray(telemetryStreams.serverId, [...serverIds]), eq(telemetryStreams.stream, "reports")));
  return told?.at ?? null;
}

/** From whichever address the mail came. */
function passedOn(complaints: readonly ComplaintDay[]): PassedOn[] {
  return [...Map.groupBy(complaints, ({ day, reporter }) => `${day} ${reporter}`).values()].flatMap(
    (some) => {
      const [first] = some;
      if (first === undefined) return [];
      const { day, provider, reporter } = first;
      return [
        { day, provider, reporter, complaints: some.reduce((sum, one) => sum + (one.complaints ?? 0), 0) },
      ];
    },
  );
}

type Sums = Awaited<ReturnType<typeof readReportSums>>;

function sumOf(rows: Sums): ReportSum {
  const sum = { total: 0, passed: 0, dkimAligned: 0, spfAligned: 0, reports: 0 };
  for (const row of rows) for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += row[name];
  return sum;
}

function sumsBy(rows: Sums, key: "day" | "reporter") {
  return [...Map.groupBy(rows, (row) => row[key])].map(([name, some]) => ({ name, ...sumOf(some) }));
}

function byReporter(rows: Sums) {
  return sumsBy(rows, "reporter")
    .map(({ name, ...sum }) => ({ reporter: name, ...sum }))
    .sort((a, b) => b.total - a.total);
}
