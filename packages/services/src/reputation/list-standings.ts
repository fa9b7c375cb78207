import { type ProviderId, providers, readProvider } from "@mailstead/core/delivery";
import { type Reputation, type ReputationEvidence, reputationOrder } from "@mailstead/core/reputation";
import { domains, reputationDays, servers, type Transaction, tenants } from "@mailstead/db";
import { and, eq, inArray, isNotNull, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { lastJudgedDay } from "./get-fleet-reputation.ts";

const standingsInput = z.object({
  of: z.enum(["servers", "domains"]).default("servers"),
  search: z.string().max(200).optional(),
  tenantId: z.uuid().optional(),
  /** `other` for all receivers that no other domain shares. */
  provider: z.enum([...(Object.keys(providers) as [ProviderId, ...ProviderId[]]), "other"]).optional(),
  /** How many rows lie before the page. */
  cursor: z
    .string()
    .regex(/^\d{1,6}$/)
    .optional(),
  /** An export takes thousands at once: each page of them orders all anew. */
  limit: z.int().min(1).max(5000).default(50),
});

/** How a sender stands with one receiver. */
export interface Standing {
  readonly provider: ProviderId | null;
  readonly reputation: Reputation;
  readonly since: Date;
  readonly reason: ReputationEvidence["code"] | null;
  /** Messages that it rests on. */
  readonly messages: number;
}

/** A server or a domain, and how receivers take its mail. */
export interface StandingRow {
  readonly id: string;
  readonly name: string;
  readonly tenantName: string;
  /** Worst first; each receiver once, by the worse of several addresses. */
  readonly standings: readonly [Standing, ...Standing[]];
  readonly messages: number;
}

export interface StandingPage {
  readonly rows: readonly StandingRow[];
  readonly total: number;
  readonly nextCursor: string | null;
}

/** Servers or domains by how receivers take their mail, the worst first. Who sent nothing for a week is left out. */
export async function listStandings(
  ctx: ServiceContext,
  input: z.input<typeof standingsInput> = {},
): Promise<StandingPage> {
  const { cursor = "0", limit, ...asked } = parseInput(standingsInput, input);
  const start = Number(cursor);
  return withTransaction(ctx, async (tx) => {
    const { ids, total } = await readOrder(tx, { ...asked, start, limit });
    const judged = await readJudged(tx, { ...asked, ids });
    const byId = Map.groupBy(judged, ({ id }) => id);
    const end = start + limit;
    return {
      rows: ids.flatMap((id) => rowOf(byId.get(id) ?? [])),
      total,
      nextCursor: end < total ? String(end) : null,
    };
  });
}

type Asked = Pick<z.output<typeof standingsInput>, "of" | "search" | "tenantId" | "provider">;

/**
 * Whose rows a page shows, in their order: by the worst standing, then at how many receivers it is as bad, then by how much
 * mail. The database sorts, because a page shows fifty of many thousand standings.
 */
async function readOrder(
  tx: Transaction,
  { start, limit, search = "", ...asked }: Asked & { start: number; limit: number },
): Promise<{ ids: readonly string[]; total: number }> {
  const { subject, hostname, where } = meant(asked);
  const place = sql`array_position(${sql.param([...reputationOrder])}::text[], ${reputationDays.reputation})`;
  const sought = sql`lower(${subject.name} || ' ' || ${hostname} || ' ' || ${reputationDays.address} || ' ' || ${tenants.name})`;
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const receivers = tx
    .select({
      id: subject.id,
      name: sql<string>`min(${subject.name})`.as("name"),
      place: sql<number>`min(${place})`.as("place"),
      messages: sql<number>`sum(${reputationDays.judgedMessages})`.as("messages"),
      // Each word by itself, whichever of the sender's addresses has it.
      found: sql<boolean[]>`array[${sql.join(
        [sql`true`, ...words.map((word) => sql`bool_or(strpos(${sought}, ${word}) > 0)`)],
        sql`, `,
      )}]`.as("found"),
    })
    .from(reputationDays)
    .innerJoin(
      subject,
      eq(subject.id, asked.of === "servers" ? reputationDays.serverId : reputationDays.domainId),
    )
    .innerJoin(tenants, eq(tenants.id, reputationDays.tenantId))
    .where(where)
    .groupBy(subject.id, reputationDays.provider)
    .as("receivers");
  const { rows } = await tx.execute<{ id: string; total: string }>(sql`
    select id, count(*) over () as total from (
      select id, name, min(place) as worst, sum(messages) as messages,
        array_agg(place) as places, ${sql.join(
          [sql`true`, ...words.map((_, index) => sql`bool_or(found[${index + 2}::integer])`)],
          sql` and `,
        )} as is_sought
      from ${receivers} group by id, name) senders
    where is_sought
    order by worst, (select count(*) from unnest(places) place where place = worst) desc, messages desc, name, id
    offset ${start} limit ${limit}`);
  return { ids: rows.map(({ id }) => id), total: Number(rows[0]?.total ?? 0) };
}

/** Known receivers by their id; all others together. */
function meant({ of, tenantId, provider }: Asked) {
  const known = sql.param(Object.keys(providers));
  const id = of === "servers" ? reputationDays.serverId : reputationDays.domainId;
  return {
    subject: of === "servers" ? servers : domains,
    hostname: of === "servers" ? sql`${servers.hostname}` : sql`''`,
    where: and(
      isNotNull(id),
      eq(reputationDays.day, lastJudgedDay),
      tenantId === undefined ? undefined : eq(reputationDays.tenantId, tenantId),
      provider === undefined
        ? undefined
        : provider === "other"
          ? sql`${reputationDays.provider} <> all(${known}::text[])`
          : eq(reputationDays.provider, provider),
    ),
  };
}

interface Judged extends Standing {
  readonly id: string;
  readonly name: string;
  readonly tenantName: string;
}

/** Of more than these, which is an export, all are read: finding so many one by one takes longer. */
const idsNamedMax = 500;

async function readJudged(
  tx: Transaction,
  { ids, ...asked }: Asked & { ids: readonly string[] },
): Promise<readonly Judged[]> {
  if (ids.length === 0) return [];
  const { subject, where } = meant(asked);
  const id = asked.of === "servers" ? reputationDays.serverId : reputationDays.domainId;
  const rows = await tx
    .select({
      id: subject.id,
      name: subject.name,
      tenantName: tenants.name,
      provider: reputationDays.provider,
      reputation: reputationDays.reputation,
      since: reputationDays.since,
      reason: reputationDays.reason,
      messages: reputationDays.judgedMessages,
    })
    .from(reputationDays)
    .innerJoin(subject, eq(subject.id, id))
    .innerJoin(tenants, eq(tenants.id, reputationDays.tenantId))
    .where(and(where, ids.length > idsNamedMax ? undefined : inArray(id, [...ids])));
  return rows.map(({ provider, ...row }) => ({ ...row, provider: readProvider(provider) }));
}

function rowOf(own: readonly Judged[]): StandingRow[] {
  const byProvider = [...Map.groupBy(own, ({ provider }) => provider).values()].flatMap((judged) => {
    const [worst] = judged.toSorted(worseStanding);
    if (worst === undefined) return [];
    const { provider, reputation, since, reason } = worst;
    return [{ provider, reputation, since, reason, messages: sum(judged) }];
  });
  const [first, ...others] = byProvider.toSorted(worseStanding);
  const [any] = own;
  if (first === undefined || any === undefined) return [];
  const { id, name, tenantName } = any;
  return [{ id, name, tenantName, standings: [first, ...others], messages: sum(own) }];
}

const sum = (judged: readonly Judged[]): number =>
  judged.reduce((total, { messages }) => total + messages, 0);
const place = ({ reputation }: Standing): number => reputationOrder.indexOf(reputation);

function worseStanding(a: Standing, b: Standing): number {
  return place(a) - place(b) || b.messages - a.messages;
}
