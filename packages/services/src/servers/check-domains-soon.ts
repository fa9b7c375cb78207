import { checkSoon } from "@mailstead/core/domains";
import { domainServers, domains, type Transaction } from "@mailstead/db";
import { eq, inArray } from "drizzle-orm";

/** The records of the domains name the host, so the world is asked about them anew. */
export async function checkDomainsSoon(
  tx: Transaction,
  { serverId, now }: { serverId: string; now: Date },
): Promise<void> {
  const hosted = tx
    .select({ id: domainServers.domainId })
    .from(domainServers)
    .where(eq(domainServers.serverId, serverId));
  await tx.update(domains).set(checkSoon(now)).where(inArray(domains.id, hosted));
}
