import { type DomainRole, receivesMail, roleOrder } from "@mailstead/core/domains";
import type { StackSettings } from "@mailstead/core/servers";
import {
  type DomainPartner,
  domainPartnerSchema,
  isOfFamilies,
  isPublicAddress,
} from "@mailstead/core/servers";
import { domainServers, servers, type Transaction, targetStates } from "@mailstead/db";
import { and, asc, eq, inArray, sql } from "drizzle-orm";

export interface DomainServer {
  id: string;
  name: string;
  hostname: string;
  role: DomainRole;
  leavesSince: Date | null;
  /** Under which the world finds it, and its partners recognise it. */
  ipAddresses: string[];
}

/** The servers of a domain, its home first. */
export async function readDomainServers(tx: Transaction, domainId: string): Promise<DomainServer[]> {
  return (await readServersOfDomains(tx, [domainId])).get(domainId) ?? [];
}

/** The same of many domains, by their ids. One that is on no server is left out. */
export async function readServersOfDomains(
  tx: Transaction,
  domainIds: readonly string[],
): Promise<Map<string, DomainServer[]>> {
  const rows = await tx
    .select({
      domainId: domainServers.domainId,
      id: servers.id,
      name: servers.name,
      hostname: servers.hostname,
      role: domainServers.role,
      leavesSince: domainServers.leavesSince,
      told: sql<string[] | null>`${servers.facts} -> 'ipAddresses'`,
      ipFamilies: sql<StackSettings["ipFamilies"]>`${targetStates.document}::jsonb #>> '{stack,ipFamilies}'`,
    })
    .from(domainServers)
    .innerJoin(servers, eq(servers.id, domainServers.serverId))
    .innerJoin(
      targetStates,
      and(eq(targetStates.serverId, servers.id), eq(targetStates.revision, servers.targetRevision)),
    )
    .where(inArray(domainServers.domainId, [...domainIds]))
    .orderBy(asc(domainServers.createdAt), asc(servers.id));
  const byDomain = Map.groupBy(rows, ({ domainId }) => domainId);
  return new Map(
    [...byDomain].map(([domainId, own]) => [
      domainId,
      own
        .map(({ told, ipFamilies, domainId: _, ...row }) => ({
          ...row,
          // A host sends from no address of a family that is switched off for it, and need not be found there.
          ipAddresses: (told ?? []).filter(isPublicAddress).filter(isOfFamilies(ipFamilies)),
        }))
        .sort((left, right) => roleOrder(left.role) - roleOrder(right.role)),
    ]),
  );
}

/** Whether the domain's records name a server. One that leaves goes on sending what it has, and is brought nothing new. */
export function isPlanned({ role, leavesSince }: DomainServer): boolean {
  return leavesSince === null || !receivesMail(role);
}

/** The host names that senders are to bring the domain's mail to. */
export function mxHostsOf(hosts: readonly DomainServer[]): string[] {
  return hosts.filter((host) => isPlanned(host) && receivesMail(host.role)).map(({ hostname }) => hostname);
}

/** A server as the domain's other servers are to know it. */
export function asPartner({ role, hostname, ipAddresses, leavesSince }: DomainServer): DomainPartner {
  return domainPartnerSchema.parse({
    role,
    hostname,
    ipAddresses: ipAddresses.filter(
      (address) => domainPartnerSchema.shape.ipAddresses.safeParse([address]).success,
    ),
    ...(leavesSince === null ? {} : { isLeaving: true }),
  });
}
