import { dnsPublishedRecords, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNull } from "drizzle-orm";

/**
 * Gives a domain that is added again what an earlier one of its name left standing, so that it is published, replaced
 * and taken away with it as before.
 */
export async function takeBackRecords(
  tx: Transaction,
  domain: { id: string; name: string; tenantId: string },
): Promise<void> {
  const left = and(
    eq(dnsPublishedRecords.tenantId, domain.tenantId),
    eq(dnsPublishedRecords.formerDomainName, domain.name),
    isNull(dnsPublishedRecords.domainId),
    isNull(dnsPublishedRecords.withdrawalId),
  );
  // A value may have been left more than once, and a domain has it once.
  const ids = await tx
    .selectDistinctOn([dnsPublishedRecords.name, dnsPublishedRecords.type, dnsPublishedRecords.value], {
      id: dnsPublishedRecords.id,
    })
    .from(dnsPublishedRecords)
    .where(left);
  if (ids.length === 0) return;
  await tx
    .update(dnsPublishedRecords)
    .set({ domainId: domain.id, formerDomainId: null, formerDomainName: null, leftAt: null })
    .where(
      inArray(
        dnsPublishedRecords.id,
        ids.map(({ id }) => id),
      ),
    );
}
