import {
  type DeliverySpan,
  deliverySpanNames,
  deliverySpans,
  type PeriodCount,
  type ProviderId,
  providers,
  type ReplyCategory,
  readCategory,
  readProvider,
} from "@mailstead/core/delivery";
import {
  figuresByProvider,
  type Incident,
  incidentsOf,
  type ProviderFigures,
} from "@mailstead/core/reputation";
import { domains, replySamples, servers, type Transaction, telemetryStreams } from "@mailstead/db";
import { and, eq, gte, type SQL, sql, sum } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { type Judged, judgedForMs, judgeNow, sendingAddress, type VerdictNow } from "../reputation/index.ts";
import type { CountScope } from "./count-scope.ts";
import { hourMs } from "./periods.ts";
import { readCounts } from "./read-counts.ts";

const span = z.enum(deliverySpanNames).default("week");

const domainInput = z.object({ domainId: z.uuid(), span });
const serverInput = z.object({
  serverId: z.uuid(),
  /** One of the addresses that it sends from, alone. */
  address: sendingAddress.optional(),
  span,
});

/** Something that a receiver said, as it said it. */
export interface ToldReply {
  readonly saidAt: Date;
  readonly domain: string;
  readonly provider: ProviderId | null;
  readonly category: ReplyCategory;
  readonly relayName: string | null;
  readonly reply: string;
}

/** One receiver, what it did and what that says of the sender's name there. */
export interface ProviderDelivery
  extends ProviderFigures,
    Pick<VerdictNow, "reputation" | "evidence" | "missing" | "since"> {
  readonly title: string | null;
  /** Newest of each kind first. */
  readonly samples: readonly ToldReply[];
}

/** What went wrong at a receiver from when to when. */
export interface ProviderIncident extends Incident {
  readonly title: string | null;
}

export interface DeliveryOverview {
  readonly from: Date;
  readonly until: Date;
  /** When a host last told anything of its mail; null when none ever has. */
  readonly toldAt: Date | null;
  /** Batches of any kind that a host told and nobody could read, since it was enrolled. */
  readonly unreadBatches: number;
  /** Counts and replies that nobody could read, of batches of which the rest was stored. */
  readonly unreadRows: number;
  readonly providers: readonly ProviderDelivery[];
  readonly incidents: readonly ProviderIncident[];
}

/** How the world took the mail of a domain. Throws `not-found`. */
export function getDomainDelivery(
  ctx: ServiceContext,
  input: z.input<typeof domainInput>,
): Promise<DeliveryOverview> {
  const { domainId, span: wanted } = parseInput(domainInput, input);
  return withTransaction(ctx, async (tx) => {
    const [domain] = await tx
      .select({ name: domains.name, tenantId: domains.tenantId })
      .from(domains)
      .where(eq(domains.id, domainId));
    if (domain === undefined) throw new ServiceError("not-found", "There is no such domain.");
    const hosts = sql`${telemetryStreams.serverId} in
      (select server_id from domain_servers where domain_id = ${domainId})`;
    return overview(tx, ctx, { span: wanted, scope: { domain }, subject: { domainId }, hosts });
  });
}

/** How the world took the mail that a server sent, or that it sent from one of its addresses. Throws `not-found`. */
export function getServerDelivery(
  ctx: ServiceContext,
  input: z.input<typeof serverInput>,
): Promise<DeliveryOverview> {
  const { serverId, address, span: wanted } = parseInput(serverInput, input);
  return withTransaction(ctx, async (tx) => {
    const [server] = await tx.select({ id: servers.id }).from(servers).where(eq(servers.id, serverId));
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    return overview(tx, ctx, {
      span: wanted,
      scope: address === undefined ? { serverId } : { serverId, sendingAddress: address },
      subject: address === undefined ? { serverId } : { serverId, address },
      hosts: eq(telemetryStreams.serverId, serverId),
    });
  });
}

interface Asked {
  readonly span: DeliverySpan;
  readonly scope: Pick<CountScope, "domain" | "serverId" | "sendingAddress">;
  readonly subject: Judged;
  /** The streams that tell of it. */
  readonly hosts: SQL;
}

async function overview(
  tx: Transaction,
  ctx: ServiceContext,
  { span: wanted, scope, subject, hosts }: Asked,
): Promise<DeliveryOverview> {
  const now = ctx.now();
  const from = new Date(now.getTime() - deliverySpans[wanted]);
  // A count of this minute may begin a little after now, where a host's clock is ahead.
  const until = new Date(now.getTime() + hourMs);
  // Kept sums of durations are of whole servers, and adding up those of one address takes too long for a page.
  const hasLatencies = scope.sendingAddress === undefined;
  const counts = await readCounts(tx, { ...scope, from, until }, { now, hasLatencies });
  const judgedFrom = new Date(now.getTime() - judgedForMs);
  const judged =
    from.getTime() === judgedFrom.getTime()
      ? counts
      : await readCounts(tx, { ...scope, from: judgedFrom, until }, { now });
  const verdictOf = await judgeNow(tx, { subject, counts: judged, now });
  // Whoever keeps a sample does not keep from which address the mail was sent.
  const samples =
    scope.sendingAddress === undefined
      ? await readSamples(tx, { ...scope, from, kinds: kindsOf(counts) })
      : [];
  const [stream] = await tx
    .select({
      at: sql<Date | null>`max(${telemetryStreams.storedAt}) filter (where ${telemetryStreams.stream} = 'delivery')`.mapWith(
        telemetryStreams.storedAt,
      ),
      unread: sum(telemetryStreams.unreadBatches).mapWith(Number),
      unreadRows: sum(telemetryStreams.unreadRows).mapWith(Number),
    })
    .from(telemetryStreams)
    .where(hosts);
  return {
    from,
    until: now,
    toldAt: stream?.at ?? null,
    unreadBatches: stream?.unread ?? 0,
    unreadRows: stream?.unreadRows ?? 0,
    providers: figuresByProvider(counts).map((figures) => {
      const { reputation, evidence, missing, since } = verdictOf(figures.provider);
      return {
        ...figures,
        reputation,
        evidence,
        missing,
        since,
        title: titleOf(figures.provider),
        samples: samples.filter(({ provider }) => provider === figures.provider),
      };
    }),
    incidents: incidentsOf(counts, { now: now.getTime(), quietMs: incidentQuietMs })
      .slice(0, incidentsShownMax)
      .map((incident) => ({ ...incident, title: titleOf(incident.provider) })),
  };
}

/** Nights and slow days are no end of it. Replies of a long time come by day, which are as far apart as that. */
const incidentQuietMs = 36 * hourMs;
const incidentsShownMax = 40;

const titleOf = (provider: ProviderId | null): string | null =>
  provider === null ? null : providers[provider].title;

const samplesShownMax = 60;

/** The kinds of reply that each receiver gave. */
function kindsOf(counts: readonly PeriodCount[]): readonly (readonly [provider: string, category: string])[] {
  const kinds = counts.flatMap(({ provider, category }) =>
    category === null ? [] : [[provider ?? "", category] as const],
  );
  return [...new Map(kinds.map((kind) => [kind.join(" "), kind])).values()];
}

interface AskedSamples extends Pick<CountScope, "domain" | "serverId" | "from"> {
  readonly kinds: readonly (readonly [provider: string, category: string])[];
}

/** The newest of each kind, which is looked for by itself: a large server has tens of thousands. */
async function readSamples(
  tx: Transaction,
  { domain, serverId, from, kinds }: AskedSamples,
): Promise<readonly ToldReply[]> {
  if (kinds.length === 0) return [];
  const of = (place: 0 | 1) => sql.param(kinds.map((kind) => kind[place]));
  const { rows } = await tx.execute<StoredSample>(sql`
    select newest.* from unnest(${of(0)}::text[], ${of(1)}::text[]) as kind (provider, category)
      cross join lateral (
        select said_at as "saidAt", domain, provider, category, relay_name as "relayName", reply
        from ${replySamples}
        where ${and(
          sql`${replySamples.provider} = kind.provider and ${replySamples.category} = kind.category`,
          gte(replySamples.saidAt, from),
          domain === undefined
            ? undefined
            : and(eq(replySamples.domain, domain.name), eq(replySamples.tenantId, domain.tenantId)),
          serverId === undefined ? undefined : eq(replySamples.serverId, serverId),
        )}
        order by said_at desc limit 1) newest
    order by newest.provider, newest.category limit ${samplesShownMax}`);
  return rows.map((row) => ({
    ...row,
    saidAt: new Date(row.saidAt),
    provider: readProvider(row.provider),
    category: readCategory(row.category) ?? "unclassified",
  }));
}

interface StoredSample {
  readonly saidAt: string;
  readonly domain: string;
  readonly provider: string;
  readonly category: string;
  readonly relayName: string | null;
  readonly reply: string;
  readonly [column: string]: unknown;
}
