import { type ProviderId, readProvider } from "@mailstead/core/delivery";
import {
  deliveryDays,
  domains,
  receivedReports,
  type Transaction,
  tenants,
  tlsFailures,
} from "@mailstead/db";
import { and, desc, eq, gte, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";

const dayMs = 86_400_000;
const spans = { week: 7, month: 30, quarter: 90 } as const;
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
}

/** How mail is encrypted on its way out, as the servers logged it, and on its way in, as senders report it. */
export function getTlsOverview(ctx: ServiceContext, asked: z.input<typeof input> = {}): Promise<TlsOverview> {
  const { span, tenantId } = parseInput(input, asked);
  return withTransaction(ctx, async (tx) => {
    const scope = { from: new Date(ctx.now().getTime() - spans[span] * dayMs), tenantId };
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
      sent: await readSent(tx, scope),
      clearServers: await readClearServers(tx, scope),
      received,
      unreported: Math.max(0, (all?.count ?? 0) - received.length),
    };
  });
}

interface Scope {
  readonly from: Date;
  readonly tenantId: string | undefined;
}

const sumOf = (column: typeof deliveryDays.attempts | typeof deliveryDays.overTls) =>
  sql<number>`sum(${column})`.mapWith(Number);

const isDelivered = ({ from, tenantId }: Scope) =>
  and(
    gte(deliveryDays.startsAt, from),
    eq(deliveryDays.direction, "outbound"),
    eq(deliveryDays.status, "sent"),
    tenantId === undefined ? undefined : eq(deliveryDays.tenantId, tenantId),
  );

async function readSent(tx: Transaction, scope: Scope): Promise<SentTls[]> {
  const rows = await tx
    .select({
      provider: deliveryDays.provider,
      delivered: sumOf(deliveryDays.attempts),
      overTls: sumOf(deliveryDays.overTls),
    })
    .from(deliveryDays)
    .where(isDelivered(scope))
    .groupBy(deliveryDays.provider);
  return rows
    .map((row) => ({ ...row, provider: readProvider(row.provider) }))
    .sort((a, b) => b.delivered - b.overTls - (a.delivered - a.overTls) || b.delivered - a.delivered);
}

const serversShownMax = 20;

async function readClearServers(tx: Transaction, scope: Scope): Promise<TlsOverview["clearServers"]> {
  const clear = sql<number>`sum(${deliveryDays.attempts} - ${deliveryDays.overTls})`.mapWith(Number);
  const { rows } = await tx.execute<{ id: string; name: string; clear: number }>(sql`
    select servers.id, servers.name, counted.clear::float8 as clear from (${tx
      .select({ serverId: deliveryDays.serverId, clear: clear.as("clear") })
      .from(deliveryDays)
      .where(isDelivered(scope))
      .groupBy(deliveryDays.serverId)}) counted
    join servers on servers.id = counted.server_id
    where counted.clear > 0 order by counted.clear desc, servers.name limit ${serversShownMax}`);
  return rows;
}

async function readReceived(tx: Transaction, { from, tenantId }: Scope): Promise<ReceivedTls[]> {
  const sum = (column: typeof receivedReports.total) => sql<number>`sum(${column})`.mapWith(Number);
  const rows = await tx
    .select({
      id: domains.id,
      domain: domains.name,
      tenantName: tenants.name,
      reports: sql<number>`count(*) filter (where ${receivedReports.part} = 0)`.mapWith(Number),
      reporters: sql<string[]>`array_agg(distinct ${receivedReports.reporter})`,
      policy: sql<
        string | null
      >`(array_agg(${receivedReports.policy} order by ${receivedReports.endsAt} desc))[1]`,
      sessions: sum(receivedReports.total),
      passed: sum(receivedReports.passed),
    })
    .from(receivedReports)
    .innerJoin(
      domains,
      and(eq(domains.tenantId, receivedReports.tenantId), eq(domains.name, receivedReports.domain)),
    )
    .innerJoin(tenants, eq(tenants.id, domains.tenantId))
    .where(
      and(
        eq(receivedReports.kind, "tls"),
        gte(receivedReports.endsAt, from),
        tenantId === undefined ? undefined : eq(receivedReports.tenantId, tenantId),
      ),
    )
    .groupBy(domains.id, domains.name, tenants.name);
  const failures = Map.groupBy(await readFailures(tx, { from, tenantId }), ({ domain }) => domain);
  return rows
    .map(({ passed, ...row }) => ({
      ...row,
      failed: row.sessions - passed,
      failures: (failures.get(row.domain) ?? []).map(({ domain: _domain, ...failure }) => failure),
    }))
    .sort((a, b) => b.failed - a.failed || b.sessions - a.sessions);
}

async function readFailures(tx: Transaction, { from, tenantId }: Scope) {
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
