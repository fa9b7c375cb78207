import { defaultRotationTiming } from "@mailstead/core/dkim";
import {
  dnsPublishedRecords,
  dnsWithdrawals,
  newId,
  outbox,
  type Transaction,
  zoneRecords,
} from "@mailstead/db";
import { and, eq, inArray } from "drizzle-orm";
import { acrossCustomers, type ServiceContext } from "../context/index.ts";
import { readDomainValues } from "./own-values.ts";

/** Whose records are taken away; the domain may be gone. */
export interface DomainOfRecords {
  id: string;
  name: string;
  organisationId: string;
  tenantId: string;
}

// A signature is checked when the mail arrives, and a queue may hold it for days.
export const keysStayMs = defaultRotationTiming.queueLifeMs;

/**
 * Keeps what we wrote for a domain as ours although the domain goes, and has it taken away when that is wanted. In zones
 * that are hosted here its records go by themselves, its DKIM keys with the time that mail on its way needs. Call it
 * before the domain's row is deleted, in the same transaction. Gives how many values will go.
 */
export async function beginDomainWithdrawal(
  tx: Transaction,
  ctx: ServiceContext,
  { domain, isWanted }: { domain: DomainOfRecords; isWanted: boolean },
): Promise<number> {
  const { going, keys } = await readDomainValues(tx, domain);
  const now = ctx.now();
  const keysDueAt = new Date(now.getTime() + keysStayMs);
  // Behind delegated names they stand in a zone that may be another customer's, and would go with the domain's row.
  await acrossCustomers(tx, ctx, () =>
    tx
      .update(zoneRecords)
      .set({ domainId: null, leavesAt: keysDueAt })
      .where(and(eq(zoneRecords.domainId, domain.id), eq(zoneRecords.purpose, "dkim"))),
  );
  if (isWanted) {
    await insertWithdrawal(tx, ctx, { domain, values: going, dueAt: now });
    await insertWithdrawal(tx, ctx, { domain, values: keys, dueAt: keysDueAt });
  }
  await tx
    .update(dnsPublishedRecords)
    .set({ domainId: null, formerDomainId: domain.id, formerDomainName: domain.name, leftAt: now })
    .where(eq(dnsPublishedRecords.domainId, domain.id));
  return isWanted ? going.length + keys.length : 0;
}

/** Notes that values of ours are to be taken away, through one connection alone if it is named. */
export async function insertWithdrawal(
  tx: Transaction,
  ctx: ServiceContext,
  wanted: {
    domain: DomainOfRecords;
    values: readonly { id: string }[];
    dueAt: Date;
    connectionId?: string;
  },
): Promise<void> {
  const { domain, values, dueAt, connectionId } = wanted;
  if (values.length === 0) return;
  const now = ctx.now();
  const id = newId(now);
  const { organisationId, tenantId } = domain;
  await tx.insert(dnsWithdrawals).values({
    id,
    organisationId,
    tenantId,
    domainId: domain.id,
    domainName: domain.name,
    connectionId: connectionId ?? null,
    nextAttemptAt: dueAt,
    requestedBy: ctx.actor.name,
    requestedById: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    createdAt: now,
  });
  await tx
    .update(dnsPublishedRecords)
    .set({ withdrawalId: id })
    .where(
      inArray(
        dnsPublishedRecords.id,
        values.map((value) => value.id),
      ),
    );
  await tx.insert(outbox).values({ organisationId, tenantId, kind: "dns", subjectId: id, createdAt: now });
}
