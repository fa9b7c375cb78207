import {
  type ComplianceRow,
  dayOf,
  type FeedFigures,
  type FeedKind,
  type FeedStanding,
  feedbackSenderId,
  feedStanding,
  feeds,
  type ShareBand,
} from "@mailstead/core/feeds";
import { domains, feedConnections, feedDays, feedDomains, servers, type Transaction } from "@mailstead/db";
import { and, asc, eq, gte, type SQL } from "drizzle-orm";
import { z } from "zod";
import {
  acrossCustomers,
  parseInput,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";

const domainInput = z.object({ domainId: z.uuid() });
const serverInput = z.object({ serverId: z.uuid() });
/** Long enough for four weeks to be compared. */
const shownDays = 28;
const dayMs = 86_400_000;

/** One day of a domain or an address, as a provider told it. */
export interface ToldDay {
  readonly day: string;
  readonly messages: number | null;
  readonly complaints: ShareBand | null;
  readonly figures: FeedFigures;
}

/** What one provider told of one domain or address. */
export interface ToldSubject {
  readonly connectionId: string;
  readonly kind: FeedKind;
  readonly title: string;
  readonly subject: string;
  /** Newest last, at most four weeks; empty where it was connected and told nothing yet. */
  readonly days: readonly ToldDay[];
  readonly standing: FeedStanding;
  /** Why it is not read, in a sentence. */
  readonly problem: string | null;
  readonly compliance: readonly ComplianceRow[];
  /** Why Microsoft blocks the address; null where it does not, or does not say. */
  readonly blockedFor: string | null;
}

export interface Told {
  readonly subjects: readonly ToldSubject[];
  /** What the customer's mail says of itself in Feedback-ID headers. */
  readonly senderId: string;
  /** Whether any feed is connected that could tell of it. */
  readonly hasFeed: boolean;
}

/** What providers tell of a domain. Throws `not-found`. */
export function getDomainTold(ctx: ServiceContext, input: z.input<typeof domainInput>): Promise<Told> {
  const { domainId } = parseInput(domainInput, input);
  return withTransaction(ctx, async (tx) => {
    const [domain] = await tx
      .select({ tenantId: domains.tenantId })
      .from(domains)
      .where(eq(domains.id, domainId));
    if (domain === undefined) throw new ServiceError("not-found", "There is no such domain.");
    return readTold(tx, ctx, { where: eq(feedDays.domainId, domainId), of: "domain", domainId, ...domain });
  });
}

/** What providers tell of the addresses of a server. Throws `not-found`. */
export function getServerTold(ctx: ServiceContext, input: z.input<typeof serverInput>): Promise<Told> {
  const { serverId } = parseInput(serverInput, input);
  return withTransaction(ctx, async (tx) => {
    const [server] = await tx
      .select({ tenantId: servers.tenantId })
      .from(servers)
      .where(eq(servers.id, serverId));
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    return readTold(tx, ctx, { where: eq(feedDays.serverId, serverId), of: "address", ...server });
  });
}

interface Asked {
  readonly where: SQL;
  readonly of: "domain" | "address";
  readonly domainId?: string;
  readonly tenantId: string;
}

async function readTold(tx: Transaction, ctx: ServiceContext, asked: Asked): Promise<Told> {
  const from = dayOf(new Date(ctx.now().getTime() - shownDays * dayMs));
  // Feeds of the organisation tell people of one customer of their own too.
  const connections = (await acrossCustomers(tx, ctx, () => readConnections(tx))).filter(
    ({ kind, tenantId }) => feeds[kind].of === asked.of && (tenantId === null || tenantId === asked.tenantId),
  );
  const rows = await tx
    .select()
    .from(feedDays)
    .where(and(asked.where, gte(feedDays.day, from)))
    .orderBy(asc(feedDays.day));
  const proofs =
    asked.domainId === undefined
      ? []
      : await tx.select().from(feedDomains).where(eq(feedDomains.domainId, asked.domainId));
  const told = [...Map.groupBy(rows, ({ connectionId, subject }) => `${connectionId} ${subject}`).values()];
  const subjects = connections.flatMap((connection) => {
    const own = told.filter(([first]) => first?.connectionId === connection.id);
    const proof = proofs.find(({ connectionId }) => connectionId === connection.id);
    if (own.length === 0 && proof === undefined) return [];
    return (own.length === 0 ? [[]] : own).map((days) =>
      toSubject({ connection, days, proof, now: ctx.now() }),
    );
  });
  return { subjects, senderId: feedbackSenderId(asked.tenantId), hasFeed: connections.length > 0 };
}

async function readConnections(tx: Transaction) {
  return tx
    .select({
      id: feedConnections.id,
      kind: feedConnections.kind,
      tenantId: feedConnections.tenantId,
      problem: feedConnections.problem,
      blocked: feedConnections.blocked,
      createdAt: feedConnections.createdAt,
    })
    .from(feedConnections)
    .orderBy(asc(feedConnections.createdAt));
}

type Connection = Awaited<ReturnType<typeof readConnections>>[number];

function toSubject({
  connection,
  days,
  proof,
  now,
}: {
  connection: Connection;
  days: readonly (typeof feedDays.$inferSelect)[];
  proof: typeof feedDomains.$inferSelect | undefined;
  now: Date;
}): ToldSubject {
  const { id, kind, problem, blocked, createdAt } = connection;
  const subject = days[0]?.subject ?? "";
  const newestDay = days.at(-1)?.day ?? null;
  return {
    connectionId: id,
    kind,
    title: feeds[kind].title,
    subject,
    days: days.map(({ day, messages, complaintsLower, complaintsUpper, figures }) => ({
      day,
      messages,
      complaints:
        complaintsLower === null || complaintsUpper === null
          ? null
          : { lower: complaintsLower, upper: complaintsUpper },
      figures,
    })),
    standing: feedStanding({ kind, newestDay, since: createdAt }, now),
    problem: problem ?? proof?.problem ?? null,
    compliance: proof?.compliance ?? [],
    blockedFor: blocked.find(({ address }) => address === subject)?.reason ?? null,
  };
}
