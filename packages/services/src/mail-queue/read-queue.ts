import { type JobResult, jobCatalog } from "@mailstead/core/jobs";
import { type QueuePage, queueFilterSchema, queuePageMax, queueSkipMax } from "@mailstead/core/mail-queue";
import { z } from "zod";
import { parseInput, requireRole, type ServiceContext, ServiceError } from "../context/index.ts";
import { readOwnAnswers } from "../jobs/index.ts";
import { orderOfQueue } from "./order-of-queue.ts";

const readQueueInput = z.object({
  serverId: z.uuid(),
  filter: queueFilterSchema.default({}),
  skip: z.int().nonnegative().max(queueSkipMax).default(0),
  limit: z.int().positive().max(queuePageMax).default(100),
});

/** Asks a server for its mail queue as it is now. Throws `precondition-failed` when it is not connected. */
export async function readQueue(
  ctx: ServiceContext,
  input: z.input<typeof readQueueInput>,
): Promise<{ jobId: string }> {
  requireRole(ctx, "technician");
  const { serverId, ...args } = parseInput(readQueueInput, input);
  return orderOfQueue(ctx, { serverId, verb: "read-queue", args });
}

const answerInput = z.object({ jobId: z.uuid() });

/** How an order about a queue stands. */
export type QueueAnswer<Result> =
  | { readonly kind: "waiting" }
  | { readonly kind: "answered"; readonly result: Result }
  | { readonly kind: "failed"; readonly problem: string | null };

/** The queue as the server told it, to the person who asked. Throws `not-found` once it is forgotten. */
export function getQueuePage(
  ctx: ServiceContext,
  input: z.input<typeof answerInput>,
): Promise<QueueAnswer<QueuePage>> {
  return getAnswer(ctx, input, "read-queue") as Promise<QueueAnswer<QueuePage>>;
}

/** What came of a change, to the person who asked for it. Throws `not-found` once it is forgotten. */
export function getQueueChange(
  ctx: ServiceContext,
  input: z.input<typeof answerInput>,
): Promise<QueueAnswer<JobResult<"change-queue">>> {
  return getAnswer(ctx, input, "change-queue") as Promise<QueueAnswer<JobResult<"change-queue">>>;
}

async function getAnswer(
  ctx: ServiceContext,
  input: z.input<typeof answerInput>,
  verb: "read-queue" | "change-queue",
): Promise<QueueAnswer<unknown>> {
  requireRole(ctx, "technician");
  const { jobId } = parseInput(answerInput, input);
  const [answer] = await readOwnAnswers(ctx, { verb, jobIds: [jobId] });
  if (answer === undefined)
    throw new ServiceError("not-found", "This answer is not kept any more. Read the queue again.");
  const { outcome } = answer;
  if (!answer.hasEnded) return { kind: "waiting" };
  if (outcome?.kind === "failed") return { kind: "failed", problem: outcome.problem };
  const parsed = jobCatalog[verb].result.safeParse(outcome?.kind === "succeeded" ? outcome.result : null);
  return parsed.success ? { kind: "answered", result: parsed.data } : { kind: "failed", problem: null };
}
