import { type ProviderId, readProvider } from "@mailstead/core/delivery";
import { domains, receivedReports, servers, type Transaction, tenants, tlsFailures } from "@mailstead/db";
import { and, desc, eq, gte, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import {
  type Database,
  type Installation,
  parseInput,
  type ServiceContext,
  type SystemContext,
  withTransaction,
} from "../context/index.ts";
import { type FleetSpan, fleetSpanDays, keepAnswers, readAnswer } from "../kept-answers/index.ts";
import { deliveredBy } from "../summed-days/index.ts";

const dayMs = 86_400_000;
const input = z.object({
  span: z.enum(["week", "month", "quarter"]).default("month"),
  tenantId: z.uuid().optional(),
});

/** How much of what was delivered to one receiver went over TLS. */
export interface SentTls {
  readonly provider: ProviderId | null;
  readonly delivered: number;
  readonly overTls: number;
}

/** How senders' encrypted sessions to one domain went, by their TLS reports (RFC 8460). */
export interface ReceivedTls {
  readonly id: string;
  readonly domain: string;
  readonly tenantName: string;
  readonly reports: number;
  readonly reporters: readonly string[];
  /** The kind of policy that senders found last: sts, tlsa or no-policy-found. */
  readonly policy: string | null;
  readonly sessions: number;
  readonly failed: number;
  readonly failures: readonly {
    readonly type: string;
    readonly sessions: number;
    readonly hosts: readonly string[];
    readonly reasons: readonly string[];
  }[];
}

export interface TlsOverview {
  /** The receiver with most mail in the clear first. */
  readonly sent: readonly SentTls[];
  /** The server with most mail in the clear first; only those with some. */
  readonly clearServers: readonly { readonly id: string; readonly name: string; readonly clear: number }[];
  /** The domain with most failed sessions first. */
  readonly received: readonly ReceivedTls[];
  /** How many domains have no TLS report in this time. */
  readonly unreported: number;
  /** When the worker added this up; null where it was added up for whoever asked. */
  readonly keptAt: Date | null;
}

/** How mail is encrypted on its way out, as the servers logged it, and on its way in, as senders report it. */
export function getTlsOverview(ctx: ServiceContext, asked: z.input<typeof input> = {}): Promise<TlsOverview> {
  const { span, tenantId } = parseInput(input, asked);
  return withTransaction(ctx, async (tx) => {
    const now = ctx.now();
    const kept = { question: "encryption", span, tenantId: tenantId ?? ctx.tenantId, now } as const;
    const known = await readAnswer<TlsOverview>(tx, kept);
    return known === null
      ? readOverview(tx, { span, tenantId, now })
      : { ...known.answer, keptAt: known.keptAt };
  });
}

/**
 * Keeps how mail is encrypted of large organisations and customers, whose servers and reports are too many to add up for a
 * page. Idempotent. Gives the organisations in which that failed.
 */
export function keepTlsOverviews(
  ctx: SystemContext,
  deps: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  return keepAnswers(ctx, deps, { question: "encryption", ask: readOverview });
}

async function readOverview(
  tx: Transaction,
  { span, tenantId, now }: { span: FleetSpan; tenantId: string | undefined; now: Date },
): Promise<TlsOverview> {
  const scope = { from: new Date(now.getTime() - fleetSpanDays[span] * dayMs), now, tenantId };
  const received = await readReceived(tx, scope);
  const [all] = await tx
    .select({ count: sql<number>`count(*)::integer` })
    .from(domains)
    .where(
      and(
        eq(domains.isWithoutMail, false),
        tenantId === undefined ? undefined : eq(domains.tenantId, tenantId),
      ),
    );
  return {
    ...(await readSent(tx, scope)),
    received,
    unreported: Math.max(0, (all?.count ?? 0) - received.length),
    keptAt: null,
  };
}

interface Scope {
  readonly from: Date;
  readonly now: Date;
  readonly tenantId: string | undefined;
}

const serversShownMax = 20;

async function readSent(
  tx: Transaction,
  { from, now, tenantId }: Scope,
): Promise<Pick<TlsOverview, "sent" | "clearServers">> {
  const ofTenant = tenantId === undefined ? undefined : eq(servers.tenantId, tenantId);
  const chosen = sql`select ${servers.id} from ${servers} where ${ofTenant ?? sql`true`}`;
  const { rows } = await tx.execute<{
    serverId: string;
    provider: string;
    delivered: number;
    overTls: number;
  }>(sql`
    select sent.server_id as "serverId", sent.provider, sum(sent.attempts)::float8 as delivered, sum(sent.over_tls)::float8 as "overTls"
    from ${deliveredBy({ chosen, from, now })} sent group by 1, 2`);
  const sum = (own: readonly { delivered: number; overTls: number }[]) => ({
    delivered: own.reduce((total, { delivered }) => total + delivered, 0),
    overTls: own.reduce((total, { overTls }) => total + overTls, 0),
  });
  const clearOf = ({ delivered, overTls }: ReturnType<typeof sum>) => delivered - overTls;
  const clear = [...Map.groupBy(rows, ({ serverId }) => serverId)]
    .map(([id, own]) => ({ id, clear: clearOf(sum(own)) }))
    .filter((server) => server.clear > 0)
    .sort((a, b) => b.clear - a.clear)
    .slice(0, serversShownMax);
  const names = await tx
    .select({ id: servers.id, name: servers.name })
    .from(servers)
    .where(
      inArray(
        servers.id,
        clear.map(({ id }) => id),
      ),
    );
  return {
    sent: [...Map.groupBy(rows, ({ provider }) => readProvider(provider))]
      .map(([provider, own]) => ({ provider, ...sum(own) }))
      .sort((a, b) => clearOf(b) - clearOf(a) || b.delivered - a.delivered),
    clearServers: clear.flatMap((server) => {
      const name = names.find(({ id }) => id === server.id)?.name;
      return name === undefined ? [] : [{ ...server, name }];
    }),
  };
}

async function readReceived(tx: Transaction, { from, tenantId }: Omit<Scope, "now">): Promise<ReceivedTls[]> {
  // Joined here: Postgres takes the sums for a few, and would make them anew for each domain.
  const told = await tx
    .select({
      tenantId: receivedReports.tenantId,
      domain: receivedReports.domain,
      reporter: receivedReports.reporter,
      policy: receivedReports.policy,
      reports: sql<number>`count(*) filter (where ${receivedReports.part} = 0)`.mapWith(Number),
      sessions: sql<number>`sum(${receivedReports.total})`.mapWith(Number),
      passed: sql<number>`sum(${receivedReports.passed})`.mapWith(Number),
      lastAt: sql<Date>`max(${receivedReports.endsAt})`.mapWith(receivedReports.endsAt),
    })
    .from(receivedReports)
    .where(
      and(
        eq(receivedReports.kind, "tls"),
        gte(receivedReports.endsAt, from),
        tenantId === undefined ? undefined : eq(receivedReports.tenantId, tenantId),
      ),
    )
    .groupBy(
      receivedReports.tenantId,
      receivedReports.domain,
      receivedReports.reporter,
      receivedReports.policy,
    );
  const known = await tx
    .select({ id: domains.id, domain: domains.name, tenantId: domains.tenantId, tenantName: tenants.name })
    .from(domains)
    .innerJoin(tenants, eq(tenants.id, domains.tenantId));
  const byDomain = Map.groupBy(told, (one) => `${one.tenantId} ${one.domain}`);
  const rows = known.flatMap(({ tenantId: owner, ...domain }) => {
    const own = byDomain.get(`${owner} ${domain.domain}`) ?? [];
    const [last] = own.toSorted((a, b) => b.lastAt.getTime() - a.lastAt.getTime());
    if (last === undefined) return [];
    const sum = (of: (one: (typeof own)[number]) => number) => own.reduce((total, one) => total + of(one), 0);
    return [
      {
        ...domain,
        reports: sum(({ reports }) => reports),
        reporters: [...new Set(own.map(({ reporter }) => reporter))].sort(),
        policy: last.policy,
        sessions: sum(({ sessions }) => sessions),
        passed: sum(({ passed }) => passed),
      },
    ];
  });
  const failures = Map.groupBy(await readFailures(tx, { from, tenantId }), ({ domain }) => domain);
  return rows
    .map(({ passed, ...row }) => ({
      ...row,
      failed: row.sessions - passed,
      failures: (failures.get(row.domain) ?? []).map(({ domain: _domain, ...failure }) => failure),
    }))
    .sort((a, b) => b.failed - a.failed || b.sessions - a.sessions);
}

async function readFailures(tx: Transaction, { from, tenantId }: Omit<Scope, "now">) {
  const sessions = sql<number>`sum(${tlsFailures.sessions})`.mapWith(Number);
  const some = (column: typeof tlsFailures.receivingHost | typeof tlsFailures.reason) =>
    sql<string[]>`(coalesce(array_agg(distinct ${column}) filter (where ${column} is not null), '{}'))[1:5]`;
  return tx
    .select({
      domain: tlsFailures.domain,
      type: tlsFailures.type,
      sessions,
      hosts: some(tlsFailures.receivingHost),
      reasons: some(tlsFailures.reason),
    })
    .from(tlsFailures)
    .where(
      and(
        gte(tlsFailures.endsAt, from),
        tenantId === undefined ? undefined : eq(tlsFailures.tenantId, tenantId),
      ),
    )
    .groupBy(tlsFailures.domain, tlsFailures.type)
    .orderBy(desc(sessions));
}
