import { domains, type Transaction } from "@mailstead/db";
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
