import { domainToUnicode } from "node:url";
import { dkimKeys, dnsChecks, domainServers, domains, mailboxes, servers, tenants } from "@mailstead/db";
import { and, asc, count, eq, gt, ilike, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { healthOf, levelOfDomain } from "./domain-health.ts";
import type { DomainCheckReport } from "./domain-report.ts";

const listDomainsInput = z.object({
  search: z.string().max(253).optional(),
  tenantId: z.uuid().optional(),
  serverId: z.uuid().optional(),
  /** Name of the last row of the page before. */
  cursor: z.string().max(253).optional(),
  limit: z.int().min(1).max(500).default(100),
});

export type DomainPage = Awaited<ReturnType<typeof listDomains>>;

/** The domains that match, by name. */
export async function listDomains(ctx: ServiceContext, input: z.input<typeof listDomainsInput> = {}) {
  const { search, tenantId, serverId, cursor, limit } = parseInput(listDomainsInput, input);
  return withTransaction(ctx, async (tx) => {
    const matches = and(
      search === undefined || search === ""
        ? undefined
        : ilike(domains.name, `%${search.trim().replace(/[\\%_]/g, "\\$&")}%`),
      tenantId === undefined ? undefined : eq(domains.tenantId, tenantId),
      serverId === undefined
        ? undefined
        : sql`exists (select from ${domainServers} where ${domainServers.domainId} = ${domains.id}
            and ${domainServers.serverId} = ${serverId})`,
    );
    const [total] = await tx.select({ count: count() }).from(domains).where(matches);
    const rows = await tx
      .select({
        id: domains.id,
        name: domains.name,
        tenantId: domains.tenantId,
        tenantName: tenants.name,
        createdAt: domains.createdAt,
        mailboxCount: sql<number>`(select count(*)::integer from ${mailboxes} where ${mailboxes.domainId} = ${domains.id})`,
        serverNames: sql<string[]>`array(select ${servers.name} from ${domainServers}
          join ${servers} on ${servers.id} = ${domainServers.serverId}
          where ${domainServers.domainId} = ${domains.id} order by ${domainServers.role} <> 'home', 1)`,
        isSigning: sql<boolean>`exists (select from ${dkimKeys} where ${dkimKeys.domainId} = ${domains.id}
          and ${dkimKeys.state} = 'signing')`,
        lastReport: sql<DomainCheckReport | null>`(select ${dnsChecks.report} from ${dnsChecks}
          where ${dnsChecks.domainId} = ${domains.id} order by ${dnsChecks.checkedAt} desc, ${dnsChecks.id} desc limit 1)`,
        resolverProblem: domains.resolverProblem,
        /** How old `health` is. */
        checkedAt: sql<Date | null>`(select max(${dnsChecks.checkedAt}) from ${dnsChecks}
          where ${dnsChecks.domainId} = ${domains.id})`.mapWith(dnsChecks.checkedAt),
      })
      .from(domains)
      .innerJoin(tenants, eq(tenants.id, domains.tenantId))
      .where(and(matches, cursor === undefined ? undefined : gt(domains.name, cursor)))
      .orderBy(asc(domains.name))
      .limit(limit + 1);
    const page = rows.slice(0, limit);
    return {
      domains: page.map(({ lastReport, resolverProblem, ...row }) => ({
        ...row,
        unicodeName: domainToUnicode(row.name),
        health: lastReport === null && resolverProblem !== null ? "unanswered" : healthOf(lastReport),
        level: levelOfDomain(lastReport),
      })),
      total: total?.count ?? 0,
      nextCursor: rows.length > limit ? (page.at(-1)?.name ?? null) : null,
    };
  });
}
