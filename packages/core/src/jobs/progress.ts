import { z } from "zod";
import { toldText, toldValue } from "../text/index.ts";

/** One line of a job's story, numbered by the agent from 1 without gaps so that a reader can tell what it missed. */
export const progressEventSchema = z.object({
  number: z.int().positive(),
  atUnixMs: z.number(),
  body: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("plan"),
      steps: z.array(z.object({ id: toldText(200), title: toldText(300), weight: z.number().positive() })),
    }),
    z.object({ kind: z.literal("step-started"), stepId: toldText(200) }),
    z.object({
      kind: z.literal("step-ended"),
      stepId: toldText(200),
      outcome: z.enum(["changed", "unchanged", "reverted", "failed"]),
      detail: toldText(8000).optional(),
    }),
    z.object({ kind: z.literal("file-changed"), path: toldText(500), diff: toldText(65_536) }),
    z.object({
      kind: z.literal("log"),
      level: z.enum(["info", "warning", "error"]),
      text: toldText(8000),
    }),
  ]),
});
export type ProgressEvent = z.infer<typeof progressEventSchema>;
export type ProgressBody = ProgressEvent["body"];

/** How a job ended on the host. `problem` is a sentence for a person; `retry` says whether trying again can help. */
export const jobOutcomeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("succeeded"), result: toldValue }),
  z.object({
    kind: z.literal("failed"),
    problem: toldText(8000),
    retry: z.enum(["temporary", "permanent"]),
  }),
  z.object({ kind: z.literal("cancelled") }),
]);
export type JobOutcome = z.infer<typeof jobOutcomeSchema>;
