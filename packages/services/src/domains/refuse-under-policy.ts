import { renameUnderPolicyProblem } from "@mailstead/core/checks";
import { receivesMail } from "@mailstead/core/domains";
import type { MtaStsSettings } from "@mailstead/core/servers";
import { dnsChecks, domainServers, domains, servers, type Transaction, targetStates } from "@mailstead/db";
import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import { ServiceError } from "../context/index.ts";

/**
 * Refuses another name for a host while senders enforce an MTA-STS policy of a domain that it takes mail for. Throws
 * `precondition-failed`, naming the first such domain. The servers of the domains must be locked.
 */
export async function refuseUnderPolicy(
  tx: Transaction,
  { serverId, hostname }: { serverId: string; hostname: string },
): Promise<void> {
  const own = await tx
    .select({ domainId: domainServers.domainId, role: domainServers.role })
    .from(domainServers)
    .where(and(eq(domainServers.serverId, serverId), isNull(domainServers.leavesSince)));
  const receiving = own.filter(({ role }) => receivesMail(role)).map(({ domainId }) => domainId);
  if (receiving.length === 0) return;
  const rows = await tx
    .select({
      domain: domains.name,
      mode: sql<MtaStsSettings["mode"] | null>`jsonb_path_query_first(${targetStates.document}::jsonb,
        '$.domains[*] ? (@.name == $name).mtaSts.mode', jsonb_build_object('name', ${domains.name})) #>> '{}'`,
      seenText: sql<string | null>`(select ${dnsChecks.report}::jsonb #>> '{policy,policyText}'
        from ${dnsChecks} where ${dnsChecks.domainId} = ${domains.id}
        order by ${dnsChecks.checkedAt} desc, ${dnsChecks.id} desc limit 1)`,
    })
    .from(domains)
    .innerJoin(domainServers, and(eq(domainServers.domainId, domains.id), eq(domainServers.role, "home")))
    .innerJoin(servers, eq(servers.id, domainServers.serverId))
    .innerJoin(
      targetStates,
      and(eq(targetStates.serverId, servers.id), eq(targetStates.revision, servers.targetRevision)),
    )
    .where(inArray(domains.id, receiving))
    .orderBy(asc(domains.name));
  for (const { domain, mode, seenText } of rows) {
    const problem = renameUnderPolicyProblem({ domain, hostname, mode: mode ?? "none", seenText });
    if (problem !== null) throw new ServiceError("precondition-failed", problem, { field: "hostname" });
  }
}
