import { dnsConnections, dnsPublishedRecords, dnsWithdrawals, outbox, type Transaction } from "@mailstead/db";
import { asc, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  acrossCustomers,
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { closeWithdrawalFinding } from "./withdrawal-findings.ts";

const withdrawalInput = z.object({ withdrawalId: z.uuid() });

export interface WithdrawalRow {
  id: string;
  domainName: string;
  connectionId: string | null;
  state: "waiting" | "failed";
  /** Why it did not go well the last time, as a sentence. */
  problem: string | null;
  nextAttemptAt: Date;
  /** False while DKIM keys are kept for mail that is on its way. */
  isDue: boolean;
  values: { name: string; type: string; value: string }[];
}

/** The records that are still to be taken away, the oldest first, as the context sees them. */
export async function listWithdrawals(
  ctx: ServiceContext,
  _input: Record<string, never> = {},
): Promise<WithdrawalRow[]> {
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({
        id: dnsWithdrawals.id,
        domainName: dnsWithdrawals.domainName,
        connectionId: dnsWithdrawals.connectionId,
        state: dnsWithdrawals.state,
        problem: dnsWithdrawals.problem,
        nextAttemptAt: dnsWithdrawals.nextAttemptAt,
        attempts: dnsWithdrawals.attempts,
      })
      .from(dnsWithdrawals)
      .orderBy(asc(dnsWithdrawals.createdAt), asc(dnsWithdrawals.id));
    if (rows.length === 0) return [];
    const values = await tx
      .select({
        withdrawalId: dnsPublishedRecords.withdrawalId,
        name: dnsPublishedRecords.name,
        type: dnsPublishedRecords.type,
        value: dnsPublishedRecords.value,
      })
      .from(dnsPublishedRecords)
      .where(
        inArray(
          dnsPublishedRecords.withdrawalId,
          rows.map(({ id }) => id),
        ),
      )
      .orderBy(asc(dnsPublishedRecords.name), asc(dnsPublishedRecords.type));
    const byWithdrawal = Map.groupBy(values, ({ withdrawalId }) => withdrawalId);
    const now = ctx.now();
    return rows.map(({ attempts, ...row }) => ({
      ...row,
      isDue: isDue({ ...row, attempts }, now),
      values: (byWithdrawal.get(row.id) ?? []).map(({ name, type, value }) => ({ name, type, value })),
    }));
  });
}

/**
 * Has the worker try again at once what failed. Throws `not-found` when it has gone well meanwhile, and
 * `precondition-failed` for keys that mail on its way still needs.
 */
export async function retryWithdrawal(
  ctx: ServiceContext,
  input: z.input<typeof withdrawalInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { withdrawalId } = parseInput(withdrawalInput, input);
  const now = ctx.now();
  await withTransaction(ctx, async (tx) => {
    const { organisationId, tenantId, ...standing } = await findWithdrawal(tx, withdrawalId);
    if (!isDue(standing, now))
      throw new ServiceError(
        "precondition-failed",
        "Mail that was signed with these keys may still be on its way; they go by themselves once that is over.",
      );
    await tx
      .update(dnsWithdrawals)
      .set({ state: "waiting", nextAttemptAt: now })
      .where(eq(dnsWithdrawals.id, withdrawalId));
    await tx
      .insert(outbox)
      .values({ organisationId, tenantId, kind: "dns", subjectId: withdrawalId, createdAt: now });
  });
}

/**
 * Leaves the records where they are, for a person to take away or to keep; a connection that was only kept for them
 * goes. Throws `not-found`.
 */
export async function giveUpWithdrawal(
  ctx: ServiceContext,
  input: z.input<typeof withdrawalInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  const { withdrawalId } = parseInput(withdrawalInput, input);
  await withTransaction(ctx, async (tx) => {
    const { organisationId, tenantId, domainId, domainName, connectionId } = await findWithdrawal(
      tx,
      withdrawalId,
    );
    const left = await tx
      .select({
        name: dnsPublishedRecords.name,
        type: dnsPublishedRecords.type,
        value: dnsPublishedRecords.value,
      })
      .from(dnsPublishedRecords)
      .where(eq(dnsPublishedRecords.withdrawalId, withdrawalId));
    await tx.delete(dnsWithdrawals).where(eq(dnsWithdrawals.id, withdrawalId));
    await closeWithdrawalFinding(tx, { id: withdrawalId, tenantId }, ctx.now());
    // A connection of the organisation is out of the sight of who acts for one customer, and so is what others wait for.
    if (connectionId !== null) await acrossCustomers(tx, ctx, () => removeIfUnneeded(tx, connectionId));
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "give-up-withdrawal",
      subject: { kind: "domain", id: domainId, name: domainName },
      before: { records: left.map(({ name, type, value }) => `${name} ${type} ${value}`) },
    });
  });
}

/** Removes a connection that leaves, once nothing is to be taken away through it any more. */
export async function removeIfUnneeded(tx: Transaction, connectionId: string): Promise<void> {
  const [left] = await tx
    .select({ id: dnsWithdrawals.id })
    .from(dnsWithdrawals)
    .where(eq(dnsWithdrawals.connectionId, connectionId))
    .limit(1);
  if (left === undefined) await tx.delete(dnsConnections).where(eq(dnsConnections.id, connectionId));
}

/** What was never tried waits for its time; what was tried had it. */
function isDue({ attempts, nextAttemptAt }: { attempts: number; nextAttemptAt: Date }, now: Date): boolean {
  return attempts > 0 || nextAttemptAt.getTime() <= now.getTime();
}

async function findWithdrawal(tx: Transaction, withdrawalId: string) {
  const [row] = await tx
    .select({
      organisationId: dnsWithdrawals.organisationId,
      tenantId: dnsWithdrawals.tenantId,
      domainId: dnsWithdrawals.domainId,
      domainName: dnsWithdrawals.domainName,
      connectionId: dnsWithdrawals.connectionId,
      attempts: dnsWithdrawals.attempts,
      nextAttemptAt: dnsWithdrawals.nextAttemptAt,
    })
    .from(dnsWithdrawals)
    .where(eq(dnsWithdrawals.id, withdrawalId))
    .for("update");
  if (row === undefined)
    throw new ServiceError("not-found", "There is nothing left to take away; it went well meanwhile.");
  return row;
}
