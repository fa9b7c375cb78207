import { hasEnded, type JobOutcome, type SmarthostTest } from "@mailstead/core/jobs";
import { planNextTrial } from "@mailstead/core/smarthosts";
import { cutText } from "@mailstead/core/text";
import { jobs, type SmarthostTrial, smarthostChanges, type Transaction } from "@mailstead/db";
import { and, asc, eq, inArray, isNull, lte, or } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type ServiceContext,
  ServiceError,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { getServerForChange, type ServerForChange } from "./server-for-change.ts";
import { applyRelays, readRelaysInput } from "./set-relays.ts";
import { applySmarthosts, readSmarthostsInput } from "./set-smarthosts.ts";
import { tryAgain } from "./try-again.ts";
import { type ChangeRow, forgetChange, type SmarthostConcern } from "./try-smarthosts.ts";

const atOnceMax = 200;
const problemMax = 2000;

/**
 * Brings the smarthosts that their hosts have tried into effect, and notes why the others stay out. What failed for now
 * only is tried again a few times, by itself.
 */
export async function takeTestedSmarthosts(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ failed: { serverId: string; cause: unknown }[] }> {
  const { serverId, organisationId, concerns, requestedAt } = smarthostChanges;
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ serverId, organisationId, concerns })
      .from(smarthostChanges)
      .where(isDue(ctx.now()))
      .orderBy(asc(requestedAt))
      .limit(atOnceMax),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, row) => {
    await withTransaction(own, (tx) => takeOne(tx, own, row));
    return undefined;
  });
  return { failed: failed.map(({ row, cause }) => ({ serverId: row.serverId, cause })) };
}

/** What is being tried, and what is to be tried again. */
function isDue(now: Date) {
  return or(isNull(smarthostChanges.problem), lte(smarthostChanges.retryAt, now));
}

async function takeOne(
  tx: Transaction,
  ctx: ServiceContext,
  found: { serverId: string; concerns: SmarthostConcern },
): Promise<void> {
  const server = await getServerForChange(tx, found.serverId);
  const { serverId, concerns } = smarthostChanges;
  const [row] = await tx
    .select()
    .from(smarthostChanges)
    .where(and(eq(serverId, server.id), eq(concerns, found.concerns), isDue(ctx.now())));
  // Somebody answered it, or another worker was here, since it was found.
  if (row === undefined) return;
  const outcome = await readOutcome(tx, row);
  if (outcome === "running") return;
  if (row.problem === null && outcome.failed.length > 0)
    return await keepFailure(tx, row, { ...outcome, now: ctx.now() });
  try {
    // What became wrong with it since it was typed is told as a failed test is.
    await tx.transaction(async (inner) => {
      const locked = { ...server };
      if (outcome.failed.length === 0)
        await applyChange(inner, ctx, { server: locked, row, isUntested: false });
      else await tryAgain(inner, ctx, { server: locked, row, tries: row.tries + 1, except: outcome.held });
    });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    await keepProblem(tx, row, { problem: error.message, retryAt: null });
  }
}

/** Nothing but a person ends what is wrong for good; all that is wrong for now is tried again. */
async function keepFailure(
  tx: Transaction,
  row: ChangeRow,
  { failed, now }: Outcome & { now: Date },
): Promise<void> {
  const problem = failed.map(({ sentence }) => sentence).join(" ");
  const isForNow = failed.every(({ isTemporary }) => isTemporary);
  await keepProblem(tx, row, { problem, retryAt: isForNow ? planNextTrial(row.tries, now) : null });
}

/** Brings what waits into the target state and drops it from what waits. */
export async function applyChange(
  tx: Transaction,
  ctx: ServiceContext,
  { server, row, isUntested }: { server: ServerForChange; row: ChangeRow; isUntested: boolean },
) {
  await forgetChange(tx, server, row.concerns);
  return row.concerns === "senders"
    ? await applyRelays(tx, ctx, { server, wanted: { ...readRelaysInput(row.wanted), isUntested } })
    : await applySmarthosts(tx, ctx, { server, wanted: { ...readSmarthostsInput(row.wanted), isUntested } });
}

interface Outcome {
  readonly held: readonly SmarthostTrial[];
  /** What kept the others from holding; a temporary problem may be gone by itself. */
  readonly failed: readonly { readonly sentence: string; readonly isTemporary: boolean }[];
}

/** What came of all trials, once each has ended. */
async function readOutcome(tx: Transaction, { trials }: ChangeRow): Promise<"running" | Outcome> {
  const ids = trials.map(({ jobId }) => jobId);
  const rows = await tx
    .select({ id: jobs.id, state: jobs.state, outcome: jobs.outcome })
    .from(jobs)
    .where(inArray(jobs.id, ids));
  const byId = new Map(rows.map((row) => [row.id, row]));
  const held: SmarthostTrial[] = [];
  const failed: Outcome["failed"][number][] = [];
  for (const trial of trials) {
    const job = byId.get(trial.jobId);
    if (job !== undefined && !hasEnded(job.state)) return "running";
    const failure = failureOf(trial, job?.outcome ?? null);
    if (failure === null) held.push(trial);
    else failed.push(failure);
  }
  return { held, failed };
}

function failureOf(
  { host, port }: SmarthostTrial,
  outcome: JobOutcome | null,
): Outcome["failed"][number] | null {
  if (outcome?.kind === "succeeded") {
    const { retry, sentence } = outcome.result as SmarthostTest;
    return retry === null ? null : { sentence, isTemporary: retry === "temporary" };
  }
  const isFailed = outcome?.kind === "failed";
  const problem = isFailed ? outcome.problem : "the test did not come to an end.";
  return {
    sentence: `${host}:${port} could not be tested: ${problem}`,
    isTemporary: isFailed && outcome.retry === "temporary",
  };
}

async function keepProblem(
  tx: Transaction,
  row: ChangeRow,
  { problem, retryAt }: { problem: string; retryAt: Date | null },
): Promise<void> {
  const { serverId, concerns } = smarthostChanges;
  await tx
    .update(smarthostChanges)
    .set({ problem: cutText(problem, problemMax), retryAt })
    .where(and(eq(serverId, row.serverId), eq(concerns, row.concerns)));
}
