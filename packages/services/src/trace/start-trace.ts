import { domainOf, isSearchable, usedCriteria } from "@mailstead/core/trace";
import { deliveryDays, domainServers, domains, servers, type Transaction } from "@mailstead/db";
import { and, count, eq, inArray, ne } from "drizzle-orm";
import { union } from "drizzle-orm/pg-core";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { enqueueJob } from "../jobs/index.ts";
import { carriedLately } from "./carried-lately.ts";
import { typedCriteriaSchema } from "./typed-criteria.ts";
import { readVisibleDomains } from "./visible-domains.ts";

/** Most servers that are asked at once. */
export const tracedServersMax = 30;

const startTraceInput = z.object({
  /** Only this server; without it those of the domains that are named, and where none is ours, all. */
  serverId: z.uuid().optional(),
  criteria: typedCriteriaSchema,
});

/** A server that could know of the message. */
export interface TracedServer {
  readonly serverId: string;
  readonly serverName: string;
  /** Null where the server is offline and was not asked. */
  readonly jobId: string | null;
  readonly lastSeenAt: Date | null;
}

export interface StartedTrace {
  readonly servers: readonly TracedServer[];
  /** Servers that could know of it and were left out, because they are too many. */
  readonly leftOut: number;
}

/**
 * Asks servers what became of a message. Only one that is connected is asked: an answer that comes tomorrow helps nobody.
 * The audit keeps who asked which server and by what kind of thing, and no address. Throws `invalid` when nothing is known of the message
 * but its time, and `not-found` for a server that the person does not see.
 */
export async function startTrace(
  ctx: ServiceContext,
  input: z.input<typeof startTraceInput>,
): Promise<StartedTrace> {
  requireRole(ctx, "technician");
  const { serverId, criteria } = parseInput(startTraceInput, input);
  if (!isSearchable(criteria))
    throw new ServiceError(
      "invalid",
      "Say something of the message beside its time: who sent it, who was to get it, its message-id or its queue id.",
    );
  return withTransaction(ctx, async (tx) => {
    const found = await findServers(tx, { serverId, named: namedDomains(criteria), now: ctx.now() });
    if (serverId !== undefined && found.servers.length === 0)
      throw new ServiceError("not-found", "There is no such server.");
    const asked: TracedServer[] = [];
    for (const server of found.servers) {
      const { id, name, organisationId, tenantId, lastSeenAt } = server;
      if (!server.isConnected) {
        asked.push({ serverId: id, serverName: name, jobId: null, lastSeenAt });
        continue;
      }
      const visibleDomains = await readVisibleDomains(tx, ctx, id);
      const { jobId } = await enqueueJob(tx, ctx, {
        serverId: id,
        verb: "trace-message",
        args: { ...criteria, visibleDomains },
      });
      await recordAudit(tx, ctx, {
        organisationId,
        tenantId,
        action: "trace-message",
        subject: { kind: "server", id, name },
        after: { searchedBy: usedCriteria(criteria), jobId },
      });
      asked.push({ serverId: id, serverName: name, jobId, lastSeenAt });
    }
    return { servers: asked, leftOut: found.total - found.servers.length };
  });
}

function namedDomains({ sender, recipient, domain }: z.output<typeof typedCriteriaSchema>): string[] {
  return [sender, recipient, domain].flatMap((named) => (named === undefined ? [] : [domainOf(named)]));
}

/** The servers of the domains that are named, and those that carried their mail before it moved; null names all. */
async function findServers(
  tx: Transaction,
  { serverId, named, now }: { serverId: string | undefined; named: readonly string[]; now: Date },
) {
  if (serverId !== undefined) return readServers(tx, [serverId]);
  const isNamed = inArray(domains.name, [...named]);
  const ofDomains = await union(
    tx
      .select({ id: domainServers.serverId })
      .from(domainServers)
      .innerJoin(domains, eq(domains.id, domainServers.domainId))
      .where(isNamed),
    tx
      .select({ id: deliveryDays.serverId })
      .from(domains)
      .innerJoin(deliveryDays, carriedLately(now))
      .where(isNamed),
  );
  return readServers(tx, ofDomains.length === 0 ? null : ofDomains.map(({ id }) => id));
}

/** Locked one after the other by their id as jobs are put to them, so that two people who ask all do not wait for each other. */
async function readServers(tx: Transaction, ids: readonly string[] | null) {
  const where = and(
    ne(servers.enrolmentState, "awaiting-agent"),
    ids === null ? undefined : inArray(servers.id, [...ids]),
  );
  const [total] = await tx.select({ count: count() }).from(servers).where(where);
  const rows = await tx
    .select({
      id: servers.id,
      name: servers.name,
      organisationId: servers.organisationId,
      tenantId: servers.tenantId,
      gatewayId: servers.gatewayId,
      enrolmentState: servers.enrolmentState,
      lastSeenAt: servers.lastSeenAt,
    })
    .from(servers)
    .where(where)
    .orderBy(servers.id)
    .limit(tracedServersMax);
  return {
    total: total?.count ?? 0,
    servers: rows.map(({ gatewayId, enrolmentState, ...row }) => ({
      ...row,
      isConnected: gatewayId !== null && enrolmentState === "enrolled",
    })),
  };
}
