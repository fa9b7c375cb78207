import { type JobOutcome, jobCatalog } from "@mailstead/core/jobs";
import { type Story, type TracedMessage, type TraceResult, tellStory } from "@mailstead/core/trace";
import { z } from "zod";
import { parseInput, requireRole, type ServiceContext } from "../context/index.ts";
import { readOwnAnswers } from "../jobs/index.ts";
import { tracedServersMax } from "./start-trace.ts";

const readTraceAnswersInput = z.object({ jobIds: z.array(z.uuid()).max(tracedServersMax) });

/** One message with its story. */
export type ToldMessage = Omit<TracedMessage, "events"> & Story;

/** What one server answered; `gone` once nobody knows of the question any more, or where it is not the person's own. */
export type TraceAnswer = { readonly jobId: string } & (
  | { readonly kind: "waiting" }
  | ({ readonly kind: "answered"; readonly messages: readonly ToldMessage[] } & Omit<TraceResult, "messages">)
  | { readonly kind: "failed"; readonly problem: string | null }
  | { readonly kind: "gone" }
);

/** What the servers have answered so far, to the person who asked them and to nobody else. */
export async function readTraceAnswers(
  ctx: ServiceContext,
  input: z.input<typeof readTraceAnswersInput>,
): Promise<TraceAnswer[]> {
  requireRole(ctx, "technician");
  const { jobIds } = parseInput(readTraceAnswersInput, input);
  const answers = await readOwnAnswers(ctx, { verb: "trace-message", jobIds });
  const byId = new Map(answers.map((answer) => [answer.jobId, answer]));
  return jobIds.map((jobId) => {
    const answer = byId.get(jobId);
    if (answer === undefined) return { jobId, kind: "gone" };
    if (!answer.hasEnded) return { jobId, kind: "waiting" };
    return { jobId, ...told(answer.outcome) };
  });
}

type Told = TraceAnswer extends infer Answer
  ? Answer extends { jobId: string }
    ? Omit<Answer, "jobId">
    : never
  : never;

function told(outcome: JobOutcome | null): Told {
  if (outcome?.kind === "failed") return { kind: "failed", problem: outcome.problem };
  const result = jobCatalog["trace-message"].result.safeParse(
    outcome?.kind === "succeeded" ? outcome.result : null,
  );
  if (!result.success) return { kind: "failed", problem: null };
  const { messages, ...rest } = result.data;
  return { kind: "answered", ...rest, messages: messages.map(storyOf) };
}

function storyOf(message: TracedMessage): ToldMessage {
  const { events, ...rest } = message;
  return { ...rest, ...tellStory(message) };
}
