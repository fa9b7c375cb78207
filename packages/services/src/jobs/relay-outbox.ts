import { chooseDeliverableJobs, type Delivery, jobCatalog } from "@mailstead/core/jobs";
import { gateways, jobs, outbox, servers, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { advanceJob, failedOutcome, type JobRow } from "./advance-job.ts";
import type { HeldServer } from "./find-journals-to-ask-for.ts";
import type { JobSigner } from "./job-signer.ts";
import { readOpenJobs } from "./open-job.ts";
import { unfoundedOrder } from "./unfounded-order.ts";

/** What the relay must pass on once its transaction has committed. */
export interface RelayedWork {
  /** Outbox rows taken up; fewer than asked for means that none are left. */
  readonly taken: number;
  readonly deliveries: readonly AddressedDelivery[];
  readonly cancels: readonly AddressedDelivery[];
  /** Connections that must end, because their servers were removed. */
  readonly endings: readonly HeldServer[];
  /** Whether somebody asked for a DNS connection to be tried or for a publication. */
  readonly asksForDns: boolean;
}

/** A delivery with the gateway that holds the server's agent. */
export interface AddressedDelivery extends Delivery {
  readonly gatewayId: string;
}

/**
 * Takes outbox rows, signs the jobs they name and forgets the rows, in one transaction. If the caller dies before it
 * has passed on what is returned, the sweep of lost deliveries finds it. Several relays may run at once.
 */
export function relayOutbox(
  ctx: SystemContext,
  { signer, limit }: { signer: JobSigner; limit: number },
): Promise<RelayedWork> {
  return withSystemTransaction(ctx, async (tx) => {
    const next = tx
      .select({ id: outbox.id })
      .from(outbox)
      .orderBy(outbox.id)
      .limit(limit)
      .for("update", { skipLocked: true });
    const rows = await tx
      .delete(outbox)
      .where(inArray(outbox.id, next))
      .returning({ kind: outbox.kind, subjectId: outbox.subjectId });
    if (rows.length === 0) return { taken: 0, deliveries: [], cancels: [], endings: [], asksForDns: false };
    const subjectsOf = (kind: string) => rows.filter((row) => row.kind === kind).map((row) => row.subjectId);
    const serverIds = await signJobs(tx, { ctx, signer, jobIds: subjectsOf("job") });
    const deliveries = await findDeliveries(tx, { serverIds, now: ctx.now() });
    const cancels = await findCancels(tx, subjectsOf("cancel-job"));
    const endings = await findEndings(tx, subjectsOf("end-connection"));
    const asksForDns = subjectsOf("dns").length > 0;
    return { taken: rows.length, deliveries, cancels, endings, asksForDns };
  });
}

/** The deliveries that the lanes of these servers allow now; none for a server without a connected agent. */
export async function findDeliveries(
  tx: Transaction,
  { serverIds, now }: { serverIds: readonly string[]; now: Date },
): Promise<AddressedDelivery[]> {
  if (serverIds.length === 0) return [];
  const open = await readOpenJobs(tx, { serverIds, now });
  return [...Map.groupBy(open, (job) => job.serverId)].flatMap(([serverId, jobsOfServer]) => {
    const gatewayId = jobsOfServer[0]?.heldBy ?? null;
    if (gatewayId === null) return [];
    return chooseDeliverableJobs(jobsOfServer).map(({ id }) => ({ gatewayId, serverId, jobId: id }));
  });
}

async function signJobs(
  tx: Transaction,
  { ctx, signer, jobIds }: { ctx: SystemContext; signer: JobSigner; jobIds: readonly string[] },
): Promise<string[]> {
  if (jobIds.length === 0) return [];
  // Locked, so that a newer click cannot change the arguments between reading and signing.
  const unsigned = await tx
    .select()
    .from(jobs)
    .where(and(inArray(jobs.id, [...jobIds]), eq(jobs.state, "queued"), isNull(jobs.signedOrder)))
    .orderBy(jobs.id)
    .for("update");
  const now = ctx.now();
  const signed: SignedRow[] = [];
  for (const job of unsigned) {
    const problem = await unfoundedOrder(tx, job);
    if (problem !== null) {
      const outcome = failedOutcome(`This job was not signed, because ${problem}.`, "permanent");
      await advanceJob(tx, job, { event: { kind: "refused" }, endedAt: now, outcome });
      continue;
    }
    const { order, signature, keyFingerprint } = signer.sign({
      formatVersion: 1,
      jobId: job.id,
      serverId: job.serverId,
      sequence: job.sequence,
      verb: job.verb,
      args: job.args,
      issuedAtUnixMs: now.getTime(),
      expiresAtUnixMs: expiryOf(job, now).getTime(),
    });
    signed.push({ id: job.id, signed_order: order, signature, key_fingerprint: keyFingerprint });
  }
  await keepSigned(tx, signed, now);
  return [...new Set(unsigned.map((job) => job.serverId))];
}

interface SignedRow {
  readonly id: string;
  readonly signed_order: string;
  readonly signature: string;
  readonly key_fingerprint: string;
}

/** In one statement however many they are. */
async function keepSigned(tx: Transaction, signed: readonly SignedRow[], now: Date): Promise<void> {
  if (signed.length === 0) return;
  await tx.execute(sql`update ${jobs} as job set signed_order = told.signed_order, signature = told.signature,
      key_fingerprint = told.key_fingerprint, signed_at = ${now.toISOString()}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(signed)}::jsonb)
      as told (id uuid, signed_order text, signature text, key_fingerprint text)
    where job.id = told.id`);
}

/** A deadline that somebody pushed out makes no order that lives longer than its verb allows. */
function expiryOf({ verb, deadlineAt }: Pick<JobRow, "verb" | "deadlineAt">, now: Date): Date {
  const latest = now.getTime() + jobCatalog[verb].deliverWithinMs;
  return new Date(Math.min(deadlineAt.getTime(), latest));
}

/** Where a person's wish to cancel must be told: jobs that an agent may hold. */
async function findCancels(tx: Transaction, jobIds: readonly string[]): Promise<AddressedDelivery[]> {
  if (jobIds.length === 0) return [];
  const rows = await tx
    .select({ jobId: jobs.id, serverId: jobs.serverId, gatewayId: servers.gatewayId })
    .from(jobs)
    .innerJoin(servers, eq(servers.id, jobs.serverId))
    .where(
      and(
        inArray(jobs.id, [...jobIds]),
        inArray(jobs.state, ["dispatched", "accepted", "running", "unknown"]),
      ),
    );
  return rows.flatMap(({ gatewayId, ...row }) => (gatewayId === null ? [] : [{ ...row, gatewayId }]));
}

/** A removed server no longer says which gateway holds its agent, so all are told; there are few. */
async function findEndings(tx: Transaction, serverIds: readonly string[]): Promise<HeldServer[]> {
  if (serverIds.length === 0) return [];
  const all = await tx.select({ gatewayId: gateways.id }).from(gateways);
  return serverIds.flatMap((serverId) => all.map(({ gatewayId }) => ({ serverId, gatewayId })));
}
