import { dnsPublishedRecords, type Transaction } from "@mailstead/db";
import { and, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import { keysStayMs } from "./begin-withdrawal.ts";
import { isKeyRecord } from "./own-values.ts";

interface DomainAgain {
  id: string;
  name: string;
  tenantId: string;
}

/**
 * Gives a domain that is added again what an earlier one of its name left standing, so that it is published, replaced
 * and taken away with it as before. DKIM keys of its former life are not among them: its plan knows nothing of those, and
 * would have them taken away while mail that they signed is on its way.
 */
export async function takeBackRecords(tx: Transaction, domain: DomainAgain): Promise<void> {
  const left = await readLeft(tx, domain);
  await takeBack(
    tx,
    domain,
    left.filter((value) => !isKeyRecord(value)),
  );
}

/** Gives it also the DKIM keys of its former life, once no mail of theirs can be on its way. */
export async function takeBackKeyRecords(
  tx: Transaction,
  ctx: { now(): Date },
  domain: DomainAgain,
): Promise<void> {
  const restedSince = ctx.now().getTime() - keysStayMs;
  const left = await readLeft(tx, domain);
  await takeBack(
    tx,
    domain,
    left.filter((value) => isKeyRecord(value) && (value.leftAt?.getTime() ?? 0) <= restedSince),
  );
}

function readLeft(tx: Transaction, { id: domainId, name, tenantId }: DomainAgain) {
  const { id, name: recordName, type, value, leftAt } = dnsPublishedRecords;
  // A value may have been left more than once, and a domain has it once; the last time counts.
  return tx
    .selectDistinctOn([recordName, type, value], { id, name: recordName, type, value, leftAt })
    .from(dnsPublishedRecords)
    .where(
      and(
        eq(dnsPublishedRecords.tenantId, tenantId),
        eq(dnsPublishedRecords.formerDomainName, name),
        isNull(dnsPublishedRecords.domainId),
        isNull(dnsPublishedRecords.withdrawalId),
        // What was published anew meanwhile is noted already.
        sql`not exists (select from ${dnsPublishedRecords} known where known.domain_id = ${domainId}
          and known.name = ${recordName} and known.type = ${type} and known.value = ${value})`,
      ),
    )
    .orderBy(recordName, type, value, desc(leftAt));
}

async function takeBack(
  tx: Transaction,
  domain: DomainAgain,
  values: readonly { id: string }[],
): Promise<void> {
  if (values.length === 0) return;
  await tx
    .update(dnsPublishedRecords)
    .set({ domainId: domain.id, formerDomainId: null, formerDomainName: null, leftAt: null })
    .where(
      inArray(
        dnsPublishedRecords.id,
        values.map(({ id }) => id),
      ),
    );
}
