import { canonicalAddress } from "@mailstead/core/feeds";
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

/**
 * The public addresses of the servers in a connection's scope, as their agents told them. What servers of two customers
 * tell of is left out, since one of them claims what is not theirs; so the transaction has to see all customers.
 */
export async function readFeedAddresses(tx: Transaction, tenantId: string | null): Promise<FeedAddress[]> {
  const told = await readToldAddresses(tx);
  return [...told.values()].flatMap((own) =>
    own.filter((one) => !isContested(own) && (tenantId === null || one.tenantId === tenantId)),
  );
}

/** The addresses in a connection's scope that servers of two customers tell of, of those that the transaction sees. */
export async function readContestedAddresses(
  tx: Transaction,
): Promise<{ address: string; tenantIds: ReadonlySet<string> }[]> {
  const told = await readToldAddresses(tx);
  return [...told].flatMap(([address, own]) =>
    isContested(own) ? [{ address, tenantIds: new Set(own.map(({ tenantId }) => tenantId)) }] : [],
  );
}

const isContested = (own: readonly FeedAddress[]): boolean =>
  own.some(({ tenantId }) => tenantId !== own[0]?.tenantId);

async function readToldAddresses(tx: Transaction): Promise<Map<string, FeedAddress[]>> {
  const rows = await tx
    .select({
      serverId: servers.id,
      tenantId: servers.tenantId,
      told: sql<string[] | null>`${servers.facts} -> 'ipAddresses'`,
    })
    .from(servers);
  const addresses = rows.flatMap(({ told, ...server }) =>
    (told ?? []).filter(isPublicAddress).map((address) => ({ ...server, address })),
  );
  return Map.groupBy(addresses, ({ address }) => canonicalAddress(address) ?? address);
}
