import { z } from "zod";

/** One line of a job's story, numbered by the agent from 1 without gaps so that a reader can tell what it missed. */
export const progressEventSchema = z.object({
  number: z.int().positive(),
  atUnixMs: z.number(),
  body: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("plan"),
      steps: z.array(
        z.object({ id: z.string().max(200), title: z.string().max(300), weight: z.number().positive() }),
      ),
    }),
    z.object({ kind: z.literal("step-started"), stepId: z.string().max(200) }),
    z.object({
      kind: z.literal("step-ended"),
      stepId: z.string().max(200),
      outcome: z.enum(["changed", "unchanged", "reverted", "failed"]),
      detail: z.string().max(8000).optional(),
    }),
    z.object({ kind: z.literal("file-changed"), path: z.string().max(500), diff: z.string().max(65_536) }),
    z.object({
      kind: z.literal("log"),
      level: z.enum(["info", "warning", "error"]),
      text: z.string().max(8000),
    }),
  ]),
});
export type ProgressEvent = z.infer<typeof progressEventSchema>;
export type ProgressBody = ProgressEvent["body"];

/** How a job ended on the host. `problem` is a sentence for a person; `retry` says whether trying again can help. */
export const jobOutcomeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("succeeded"), result: z.unknown() }),
  z.object({
    kind: z.literal("failed"),
    problem: z.string().max(8000),
    retry: z.enum(["temporary", "permanent"]),
  }),
  z.object({ kind: z.literal("cancelled") }),
]);
export type JobOutcome = z.infer<typeof jobOutcomeSchema>;
