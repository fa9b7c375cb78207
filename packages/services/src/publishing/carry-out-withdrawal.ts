import { publishBackoffMs } from "@mailstead/core/dkim";
import { dnsPublishedRecords, dnsWithdrawals, domains } from "@mailstead/db";
import { and, asc, eq, isNull, lt, lte, or, sql } from "drizzle-orm";
import { type Actor, withSystemTransaction, withTransaction } from "../context/index.ts";
import {
  closeWithdrawalFinding,
  isTold,
  openWithdrawalFinding,
  removeIfUnneeded,
} from "../withdrawals/index.ts";
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
  const attempts = work.attempts + 1;
  const state = problem?.kind === "permanent" ? "failed" : "waiting";
  await withSystemTransaction(system, async (tx) => {
    if (problem === null) {
      // Whatever is still noted no longer stands anywhere.
      await tx.delete(dnsPublishedRecords).where(eq(dnsPublishedRecords.withdrawalId, work.id));
      await tx.delete(dnsWithdrawals).where(eq(dnsWithdrawals.id, work.id));
      if (work.connectionId !== null) await removeIfUnneeded(tx, work.connectionId);
      return;
    }
    await tx
      .update(dnsWithdrawals)
      .set({
        state,
        problem: problem.sentence,
        attempts,
        nextAttemptAt: new Date(now.getTime() + publishBackoffMs(attempts)),
        claimedUntil: null,
      })
      .where(eq(dnsWithdrawals.id, work.id));
  });
  await tell(worker, work, isTold({ state, attempts }) ? problem : null);
}

/** A withdrawal that does not go well is a finding, until it does or a person settles it. */
async function tell(worker: PublishingWorker, work: WithdrawalWork, problem: Problem | null): Promise<void> {
  const { system, app, installation } = worker;
  const at = system.now();
  const { organisationId } = work;
  await withTransaction({ ...system, database: app, installation, organisationId, tenantId: null }, (tx) =>
    problem === null
      ? closeWithdrawalFinding(tx, work, at)
      : openWithdrawalFinding(tx, work, { problem: problem.sentence, at }),
  );
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
      .where(and(eq(dnsPublishedRecords.withdrawalId, work.id), isNeededByNobody())),
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

/** Not noted as published for a domain that lives: two domains may have had the same value written. */
function isNeededByNobody() {
  return sql`not exists (select from ${dnsPublishedRecords} known where known.domain_id is not null
    and known.withdrawal_id is null and known.organisation_id = ${dnsPublishedRecords.organisationId}
    and known.name = ${dnsPublishedRecords.name} and known.type = ${dnsPublishedRecords.type}
    and known.value = ${dnsPublishedRecords.value})`;
}

/** A domain that was added again needs its records again; what of them goes is for its own publication to say. */
async function handBack({ system }: PublishingWorker, work: WithdrawalWork): Promise<void> {
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
    // A domain that lives on loses what is taken away with a connection, because a person wanted that.
    if (domain === undefined || domain.id === work.domainId) return;
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
    await tx
      .update(dnsPublishedRecords)
      .set({
        domainId: domain.id,
        withdrawalId: null,
        formerDomainId: null,
        formerDomainName: null,
        leftAt: null,
      })
      .where(ofWork);
  });
}

/** The person who removed the domain or the connection, so that the audit names them and not the worker. */
function actorOf({ requestedById, requestedBy }: WithdrawalWork, { system }: PublishingWorker): Actor {
  return requestedById === null
    ? system.actor
    : { kind: "user", userId: requestedById, name: requestedBy, role: "technician" };
}
