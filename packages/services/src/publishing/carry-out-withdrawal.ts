import { publishBackoffMs } from "@mailstead/core/dkim";
import { dnsPublishedRecords, dnsWithdrawals, domains } from "@mailstead/db";
import { and, asc, eq, isNull, lt, lte, or, sql } from "drizzle-orm";
import { type Actor, withSystemTransaction } from "../context/index.ts";
import { removeIfUnneeded } from "../withdrawals/index.ts";
import { planReading, readZones, recordValue } from "./plan-zones.ts";
import type { PublishingWorker } from "./publishing-worker.ts";
import { writeZones } from "./write-zones.ts";

type WithdrawalWork = typeof dnsWithdrawals.$inferSelect;

/** Longer than any withdrawal takes; a worker that died leaves it to another after this. */
const claimMs = 5 * 60_000;

/** Takes the withdrawal that has waited longest in hand, so that two workers never have the same one. */
export async function claimWithdrawal({ system }: PublishingWorker): Promise<WithdrawalWork | null> {
  const now = system.now();
  return withSystemTransaction(system, async (tx) => {
    const [next] = await tx
      .select({ id: dnsWithdrawals.id })
      .from(dnsWithdrawals)
      .where(
        and(
          eq(dnsWithdrawals.state, "waiting"),
          lte(dnsWithdrawals.nextAttemptAt, now),
          or(isNull(dnsWithdrawals.claimedUntil), lt(dnsWithdrawals.claimedUntil, now)),
        ),
      )
      .orderBy(asc(dnsWithdrawals.nextAttemptAt))
      .limit(1)
      .for("update", { skipLocked: true });
    if (next === undefined) return null;
    const [row] = await tx
      .update(dnsWithdrawals)
      .set({ claimedUntil: new Date(now.getTime() + claimMs) })
      .where(eq(dnsWithdrawals.id, next.id))
      .returning();
    return row ?? null;
  });
}

/**
 * Takes values of ours out of the zones that they stand in; what somebody has changed since is left alone. A failure that
 * may pass is tried again, less and less often; any other waits for a person, with the reason.
 */
export async function carryOutWithdrawal(worker: PublishingWorker, work: WithdrawalWork): Promise<void> {
  await handBack(worker, work);
  const problem = await withdraw(worker, work);
  const { system } = worker;
  const now = system.now();
  await withSystemTransaction(system, async (tx) => {
    if (problem === null) {
      // Whatever is still noted no longer stands anywhere.
      await tx.delete(dnsPublishedRecords).where(eq(dnsPublishedRecords.withdrawalId, work.id));
      await tx.delete(dnsWithdrawals).where(eq(dnsWithdrawals.id, work.id));
      if (work.connectionId !== null) await removeIfUnneeded(tx, work.connectionId);
      return;
    }
    const attempts = work.attempts + 1;
    await tx
      .update(dnsWithdrawals)
      .set({
        state: problem.kind === "temporary" ? "waiting" : "failed",
        problem: problem.sentence,
        attempts,
        nextAttemptAt: new Date(now.getTime() + publishBackoffMs(attempts)),
        claimedUntil: null,
      })
      .where(eq(dnsWithdrawals.id, work.id));
  });
}

type Problem = { kind: "temporary" | "permanent"; sentence: string };

async function withdraw(worker: PublishingWorker, work: WithdrawalWork): Promise<Problem | null> {
  const { system } = worker;
  const { organisationId, tenantId, domainId, domainName, connectionId } = work;
  const values = await withSystemTransaction(system, (tx) =>
    tx
      .select({
        name: dnsPublishedRecords.name,
        type: dnsPublishedRecords.type,
        value: dnsPublishedRecords.value,
      })
      .from(dnsPublishedRecords)
      .where(eq(dnsPublishedRecords.withdrawalId, work.id)),
  );
  if (values.length === 0) return null;
  const wishes = { wanted: [], withdrawn: values.map(recordValue) };
  const scope = { organisationId, tenantId, ...(connectionId === null ? {} : { connectionId }) };
  const read = await readZones(worker, scope, wishes);
  if (read.kind === "failed") return { kind: read.error.kind, sentence: read.error.message };
  const zones = read.kind === "read" ? planReading(read.reading, wishes).zones : [];
  const reason = connectionId === null ? "the domain was removed" : "the DNS connection was removed";
  const written = await writeZones(
    worker,
    { organisationId, tenantId, domainId, domainName, actor: actorOf(work, worker), reason },
    zones,
  );
  if (written.problem !== null) return written.problem;
  const reached = new Set(read.kind === "read" ? read.reading.zones.flatMap(({ names }) => names) : []);
  const left = wishes.withdrawn.filter(({ name }) => !reached.has(name));
  if (left.length === 0) return null;
  return {
    kind: "permanent",
    sentence: `No DNS connection reaches the zone of ${left[0]?.name} any more. Take the records away by hand, or connect its DNS provider and try again.`,
  };
}

/** A domain that was added again needs its records again; what of them goes is for its own publication to say. */
async function handBack({ system }: PublishingWorker, work: WithdrawalWork): Promise<void> {
  if (work.connectionId !== null) return;
  await withSystemTransaction(system, async (tx) => {
    const [domain] = await tx
      .select({ id: domains.id })
      .from(domains)
      .where(
        and(
          eq(domains.organisationId, work.organisationId),
          eq(domains.tenantId, work.tenantId),
          eq(domains.name, work.domainName),
        ),
      );
    if (domain === undefined) return;
    const ofWork = eq(dnsPublishedRecords.withdrawalId, work.id);
    // What was published anew meanwhile is noted already.
    await tx.delete(dnsPublishedRecords).where(
      and(
        ofWork,
        sql`exists (select from ${dnsPublishedRecords} known where known.domain_id = ${domain.id}
          and known.name = ${dnsPublishedRecords.name} and known.type = ${dnsPublishedRecords.type}
          and known.value = ${dnsPublishedRecords.value})`,
      ),
    );
    await tx.update(dnsPublishedRecords).set({ domainId: domain.id, withdrawalId: null }).where(ofWork);
  });
}

/** The person who removed the domain or the connection, so that the audit names them and not the worker. */
function actorOf({ requestedById, requestedBy }: WithdrawalWork, { system }: PublishingWorker): Actor {
  return requestedById === null
    ? system.actor
    : { kind: "user", userId: requestedById, name: requestedBy, role: "technician" };
}
