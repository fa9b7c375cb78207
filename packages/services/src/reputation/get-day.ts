import { type ReplyCategory, readCategory } from "@mailstead/core/delivery";
import type { DayFigures, Reputation } from "@mailstead/core/reputation";
import {
  deliveryDays,
  domains,
  replySamples,
  reputationDays,
  servers,
  type Transaction,
} from "@mailstead/db";
import { and, desc, eq, gte, inArray, lt, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { dayMs } from "./days.ts";
import { daysOfScope, receiver, type SenderScope, senderScope, storedProvider } from "./sender-scope.ts";

const dayInput = z.object({
  ...senderScope,
  /** One address of a server alone. */
  address: z.string().max(64).optional(),
  day: z.iso.date(),
  provider: receiver,
});

/** One sender's part of a day at one receiver. */
export interface DaySender extends DayFigures {
  /** The server, or the domain, that sent. */
  readonly id: string;
  readonly name: string;
  /** '' where it is not known from which address, and of a domain. */
  readonly address: string;
  readonly reputation: Reputation;
}

/** Replies of one kind on a day, as the servers counted them. */
export interface DayReplies {
  readonly domain: string;
  readonly serverId: string;
  readonly serverName: string;
  readonly status: "sent" | "deferred" | "bounced" | "expired";
  readonly category: ReplyCategory | null;
  readonly count: number;
}

/** What a receiver said on a day, in its own words. */
export interface DaySample {
  readonly saidAt: Date;
  readonly domain: string;
  readonly serverId: string;
  readonly serverName: string;
  readonly category: ReplyCategory;
  readonly reply: string;
}

export interface DayEvidence {
  /** Those held back most first; their figures add up to the day's. */
  readonly senders: readonly DaySender[];
  /** How many senders there are beyond those that are shown. */
  readonly more: number;
  /** Replies that were no delivery, the most frequent first. */
  readonly replies: readonly DayReplies[];
  readonly samples: readonly DaySample[];
}

const sendersShownMax = 100;
const repliesShownMax = 50;
const samplesShownMax = 12;

/** Shows what a figure of a day at a receiver is made of. Throws `not-found`. */
export function getDay(ctx: ServiceContext, asked: z.input<typeof dayInput>): Promise<DayEvidence> {
  const { day, provider, address, ...scope } = parseInput(dayInput, asked);
  return withTransaction(ctx, async (tx) => {
    const ofDay = { day, provider: storedProvider(provider), scope, address };
    const senders = await readSenders(
      tx,
      ofDay,
      and(
        await daysOfScope(tx, scope),
        address === undefined ? undefined : eq(reputationDays.address, address),
      ),
    );
    const domain = await readDomain(tx, scope);
    return {
      senders: senders.slice(0, sendersShownMax),
      more: Math.max(0, senders.length - sendersShownMax),
      replies: await readReplies(tx, ofDay, domain),
      // Whoever keeps a sample does not keep from which address the mail was sent.
      samples:
        address === undefined
          ? await readSamples(tx, { ...ofDay, domain, serverIds: senders.map(({ id }) => id) })
          : [],
    };
  });
}

interface OfDay {
  readonly day: string;
  readonly provider: string;
  readonly scope: SenderScope;
  readonly address: string | undefined;
}

async function readSenders(
  tx: Transaction,
  { day, provider, scope }: OfDay,
  where: SQL | undefined,
): Promise<DaySender[]> {
  const subject = scope.domainId === undefined ? servers : domains;
  const id = scope.domainId === undefined ? reputationDays.serverId : reputationDays.domainId;
  return tx
    .select({
      id: subject.id,
      name: subject.name,
      address: reputationDays.address,
      reputation: reputationDays.reputation,
      messages: reputationDays.messages,
      delivered: reputationDays.delivered,
      deferred: reputationDays.deferred,
      refused: reputationDays.refused,
      slowed: reputationDays.slowed,
      blocked: reputationDays.blocked,
    })
    .from(reputationDays)
    .innerJoin(subject, eq(subject.id, id))
    .where(
      and(
        where,
        eq(reputationDays.day, day),
        eq(reputationDays.provider, provider),
        sql`${reputationDays.messages} + ${reputationDays.delivered} + ${reputationDays.deferred} + ${reputationDays.refused} > 0`,
      ),
    )
    .orderBy(desc(reputationDays.blocked), desc(reputationDays.slowed), desc(reputationDays.messages));
}

/** Any host may name any domain: only those of its customer are asked about it. */
interface OwnDomain {
  readonly name: string;
  readonly tenantId: string;
}

async function readDomain(tx: Transaction, { domainId }: SenderScope): Promise<OwnDomain | undefined> {
  if (domainId === undefined) return undefined;
  const [domain] = await tx
    .select({ name: domains.name, tenantId: domains.tenantId })
    .from(domains)
    .where(eq(domains.id, domainId));
  return domain;
}

const endOf = (day: string) => new Date(Date.parse(day) + dayMs);

async function readReplies(
  tx: Transaction,
  { day, provider, scope, address }: OfDay,
  domain: OwnDomain | undefined,
): Promise<DayReplies[]> {
  const count = sql<number>`sum(${deliveryDays.attempts})`.mapWith(Number);
  const rows = await tx
    .select({
      domain: deliveryDays.domain,
      serverId: servers.id,
      serverName: servers.name,
      status: sql<DayReplies["status"]>`${deliveryDays.status}`,
      category: deliveryDays.category,
      count,
    })
    .from(deliveryDays)
    .innerJoin(servers, eq(servers.id, deliveryDays.serverId))
    .where(
      and(
        gte(deliveryDays.startsAt, new Date(day)),
        lt(deliveryDays.startsAt, endOf(day)),
        eq(deliveryDays.direction, "outbound"),
        eq(deliveryDays.provider, provider),
        sql`${deliveryDays.status} <> 'sent'`,
        scope.serverId === undefined ? undefined : eq(deliveryDays.serverId, scope.serverId),
        address === undefined ? undefined : eq(deliveryDays.sendingAddress, address),
        scope.tenantId === undefined ? undefined : eq(deliveryDays.tenantId, scope.tenantId),
        domain === undefined
          ? undefined
          : and(eq(deliveryDays.domain, domain.name), eq(deliveryDays.tenantId, domain.tenantId)),
      ),
    )
    .groupBy(deliveryDays.domain, servers.id, servers.name, deliveryDays.status, deliveryDays.category)
    .orderBy(desc(count))
    .limit(repliesShownMax);
  return rows.map((row) => ({ ...row, category: readCategory(row.category) }));
}

/** Of a fleet, the words said to those who were held back most. */
const serversReadMax = 20;

async function readSamples(
  tx: Transaction,
  asked: OfDay & { domain: OwnDomain | undefined; serverIds: readonly string[] },
): Promise<DaySample[]> {
  const { day, provider, scope, domain, serverIds } = asked;
  const ofServers = scope.serverId === undefined ? serverIds.slice(0, serversReadMax) : [scope.serverId];
  const rows = await tx
    .select({
      saidAt: replySamples.saidAt,
      domain: replySamples.domain,
      serverId: servers.id,
      serverName: servers.name,
      category: replySamples.category,
      reply: replySamples.reply,
    })
    .from(replySamples)
    .innerJoin(servers, eq(servers.id, replySamples.serverId))
    .where(
      and(
        gte(replySamples.saidAt, new Date(day)),
        lt(replySamples.saidAt, endOf(day)),
        eq(replySamples.provider, provider),
        domain === undefined
          ? inArray(replySamples.serverId, [...ofServers])
          : and(eq(replySamples.domain, domain.name), eq(replySamples.tenantId, domain.tenantId)),
        scope.tenantId === undefined ? undefined : eq(replySamples.tenantId, scope.tenantId),
      ),
    )
    .orderBy(desc(replySamples.saidAt))
    .limit(samplesShownMax);
  return rows.map((row) => ({ ...row, category: readCategory(row.category) ?? "unclassified" }));
}
