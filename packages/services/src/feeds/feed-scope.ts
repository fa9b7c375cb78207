import { isPublicAddress } from "@mailstead/core/servers";
import { domains, servers, type Transaction } from "@mailstead/db";
import { and, asc, eq, sql } from "drizzle-orm";

/** A domain that a feed may tell of. */
export interface FeedDomain {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
}

/** An address that mail leaves from, and its server. */
export interface FeedAddress {
  readonly address: string;
  readonly serverId: string;
  readonly tenantId: string;
}

/** The domains of a connection's customer, or of all customers, that send mail. */
export async function readFeedDomains(tx: Transaction, tenantId: string | null): Promise<FeedDomain[]> {
  return tx
    .select({ id: domains.id, tenantId: domains.tenantId, name: domains.name })
    .from(domains)
    .where(
      and(eq(domains.isWithoutMail, false), tenantId === null ? undefined : eq(domains.tenantId, tenantId)),
    )
    .orderBy(asc(domains.name));
}

/** The public addresses of the servers in a connection's scope, as their agents told them. */
export async function readFeedAddresses(tx: Transaction, tenantId: string | null): Promise<FeedAddress[]> {
  const rows = await tx
    .select({
      serverId: servers.id,
      tenantId: servers.tenantId,
      told: sql<string[] | null>`${servers.facts} -> 'ipAddresses'`,
    })
    .from(servers)
    .where(tenantId === null ? undefined : eq(servers.tenantId, tenantId));
  return rows.flatMap(({ told, ...server }) =>
    (told ?? []).filter(isPublicAddress).map((address) => ({ ...server, address })),
  );
}
