import { domainServers, domains, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { ServiceError } from "../context/index.ts";

/** A domain; throws `not-found` when the context does not see it. */
export async function findDomain(tx: Transaction, domainId: string) {
  const [domain] = await tx.select().from(domains).where(eq(domains.id, domainId));
  if (domain === undefined) throw new ServiceError("not-found", "There is no such domain.");
  return domain;
}

/** The same, locked until the transaction ends, so that two changes of one domain come one after the other. */
export async function getDomainForChange(tx: Transaction, domainId: string) {
  const [domain] = await tx.select().from(domains).where(eq(domains.id, domainId)).for("update");
  if (domain === undefined) throw new ServiceError("not-found", "There is no such domain.");
  return domain;
}

/** The same for a change of addresses in it. Throws `precondition-failed` for a domain on no server, which takes no mail. */
export async function getHostedDomainForChange(tx: Transaction, domainId: string) {
  const domain = await getDomainForChange(tx, domainId);
  const [host] = await tx
    .select({ serverId: domainServers.serverId })
    .from(domainServers)
    .where(eq(domainServers.domainId, domainId))
    .limit(1);
  if (host === undefined)
    throw new ServiceError(
      "precondition-failed",
      `${domain.name} is on no server and takes no mail, so it has no addresses. Put it on a server first.`,
    );
  return domain;
}
