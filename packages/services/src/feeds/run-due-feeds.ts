import { FeedProblem, nextFeedLook } from "@mailstead/core/feeds";
import { feedConnections } from "@mailstead/db";
import { and, asc, eq, isNotNull, lte } from "drizzle-orm";
import {
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { openFeedBox } from "./feed-secret.ts";
import type { FeedWorker } from "./feed-worker.ts";
import { lookAtGoogle } from "./look-at-google.ts";
import { lookAtSnds } from "./look-at-snds.ts";
import { forgetOldDays } from "./store-days.ts";

const feedsPerRunMax = 50;
const atOnceMax = 4;
/** Kept from other workers while one looks, which takes minutes with hundreds of domains. */
const claimedForMs = 30 * 60_000;

type Row = typeof feedConnections.$inferSelect;

/** What a run did: those that told something, those that did not and why, and those in which we ourselves failed. */
export interface FeedRun {
  readonly read: readonly { connectionId: string }[];
  readonly problems: readonly { connectionId: string; kind: "temporary" | "permanent"; sentence: string }[];
  readonly failed: readonly { connectionId: string; cause: unknown }[];
}

/** Reads every feed that is due. What a provider or the network does is kept with the feed, and the next look planned. */
export async function runDueFeeds(ctx: SystemContext, worker: FeedWorker): Promise<FeedRun> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .select()
      .from(feedConnections)
      .where(and(isNotNull(feedConnections.box), lte(feedConnections.nextLookAt, ctx.now())))
      .orderBy(asc(feedConnections.nextLookAt))
      .limit(feedsPerRunMax),
  );
  const read: { connectionId: string }[] = [];
  const problems: FeedRun["problems"][number][] = [];
  const { app, installation } = worker;
  const failed = await seeToEach(ctx, { rows, app, installation, atOnceMax }, async (own, row) => {
    if (!(await claim(own, row))) return undefined;
    const chance = worker.net.chance();
    const problem = await lookAt(own, row, worker).catch(async (cause: unknown) => {
      // Else nobody would see that the feed stands still.
      await settle(own, { row, problem: failedHere(cause), chance });
      throw cause;
    });
    await settle(own, { row, problem, chance });
    if (problem === null) read.push({ connectionId: row.id });
    else problems.push({ connectionId: row.id, kind: problem.kind, sentence: problem.message });
    return undefined;
  });
  return { read, problems, failed: failed.map(({ row, cause }) => ({ connectionId: row.id, cause })) };
}

function failedHere(cause: unknown): FeedProblem {
  return new FeedProblem(
    "failed-here",
    "Mailstead itself failed when it read this feed; the log of the worker says how. It tries again by itself.",
    { cause },
  );
}

/** Nobody else looks meanwhile. False where somebody was first. */
function claim(ctx: ServiceContext, row: Row): Promise<boolean> {
  return withTransaction(ctx, async (tx) => {
    const [claimed] = await tx
      .update(feedConnections)
      .set({ nextLookAt: new Date(ctx.now().getTime() + claimedForMs) })
      .where(and(eq(feedConnections.id, row.id), lte(feedConnections.nextLookAt, ctx.now())))
      .returning({ id: feedConnections.id });
    return claimed !== undefined;
  });
}

async function lookAt(ctx: ServiceContext, row: Row, worker: FeedWorker): Promise<FeedProblem | null> {
  try {
    const credentials = openFeedBox(worker.opener, { id: row.id, box: row.box ?? "" });
    if (credentials.kind === "snds") await lookAtSnds(ctx, { ...row, credentials }, worker);
    else await lookAtGoogle(ctx, { ...row, credentials }, worker);
    return null;
  } catch (problem) {
    if (problem instanceof FeedProblem) return problem;
    throw problem;
  }
}

async function settle(
  ctx: ServiceContext,
  { row, problem, chance }: { row: Row; problem: FeedProblem | null; chance: number },
): Promise<void> {
  const now = ctx.now();
  const failures = problem === null ? 0 : row.failures + 1;
  await withTransaction(ctx, async (tx) => {
    await forgetOldDays(tx, row.id, now);
    await tx
      .update(feedConnections)
      .set({
        state: problem === null ? "working" : "failing",
        problem: problem?.message ?? null,
        problemKind: problem?.kind ?? null,
        problemSince: problem === null ? null : (row.problemSince ?? now),
        lookedAt: now,
        failures,
        nextLookAt: nextFeedLook(
          { kind: row.kind, failures, retryAfterMs: problem?.retryAfterMs ?? null, chance },
          now,
        ),
      })
      .where(eq(feedConnections.id, row.id));
  });
}
