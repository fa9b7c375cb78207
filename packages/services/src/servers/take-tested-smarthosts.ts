import { hasEnded, type SmarthostTest } from "@mailstead/core/jobs";
import { cutText } from "@mailstead/core/text";
import { jobs, smarthostChanges, type Transaction } from "@mailstead/db";
import { and, asc, eq, inArray, isNull } from "drizzle-orm";
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
import { type ChangeRow, forgetChange, type SmarthostConcern } from "./try-smarthosts.ts";

const atOnceMax = 200;
const problemMax = 2000;

/** Brings the smarthosts that their hosts have tried into effect, and notes why the others stay out. */
export async function takeTestedSmarthosts(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ failed: { serverId: string; cause: unknown }[] }> {
  const { serverId, organisationId, concerns, problem, requestedAt } = smarthostChanges;
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ serverId, organisationId, concerns })
      .from(smarthostChanges)
      .where(isNull(problem))
      .orderBy(asc(requestedAt))
      .limit(atOnceMax),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, row) => {
    await withTransaction(own, (tx) => takeOne(tx, own, row));
    return undefined;
  });
  return { failed: failed.map(({ row, cause }) => ({ serverId: row.serverId, cause })) };
}

async function takeOne(
  tx: Transaction,
  ctx: ServiceContext,
  found: { serverId: string; concerns: SmarthostConcern },
): Promise<void> {
  const server = await getServerForChange(tx, found.serverId);
  const { serverId, concerns, problem } = smarthostChanges;
  const [row] = await tx
    .select()
    .from(smarthostChanges)
    .where(and(eq(serverId, server.id), eq(concerns, found.concerns), isNull(problem)));
  // Somebody answered it, or another worker was here, since it was found.
  if (row === undefined) return;
  const outcome = await readOutcome(tx, row);
  if (outcome === "running") return;
  if (outcome.length > 0) return await keepProblem(tx, row, outcome.join(" "));
  try {
    // What became wrong with it since it was typed is told as a failed test is.
    await tx.transaction((inner) =>
      applyChange(inner, ctx, { server: { ...server }, row, isUntested: false }),
    );
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    await keepProblem(tx, row, error.message);
  }
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

/** What kept each trial from holding, as sentences; none when all hold. */
async function readOutcome(tx: Transaction, { trials }: ChangeRow): Promise<"running" | string[]> {
  const ids = trials.map(({ jobId }) => jobId);
  const rows = await tx
    .select({ id: jobs.id, state: jobs.state, outcome: jobs.outcome })
    .from(jobs)
    .where(inArray(jobs.id, ids));
  const byId = new Map(rows.map((row) => [row.id, row]));
  const problems: string[] = [];
  for (const { jobId, host, port } of trials) {
    const job = byId.get(jobId);
    if (job !== undefined && !hasEnded(job.state)) return "running";
    if (job?.outcome?.kind === "succeeded") {
      const { retry, sentence } = job.outcome.result as SmarthostTest;
      if (retry !== null) problems.push(sentence);
    } else problems.push(`${host}:${port} could not be tested: ${problemOf(job?.outcome ?? null)}`);
  }
  return problems;
}

function problemOf(outcome: { kind: string; problem?: string } | null): string {
  return outcome?.problem ?? "the test did not come to an end.";
}

async function keepProblem(tx: Transaction, row: ChangeRow, problem: string): Promise<void> {
  const { serverId, concerns } = smarthostChanges;
  await tx
    .update(smarthostChanges)
    .set({ problem: cutText(problem, problemMax) })
    .where(and(eq(serverId, row.serverId), eq(concerns, row.concerns)));
}
