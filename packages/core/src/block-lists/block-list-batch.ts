import { z } from "zod";
import { toldText } from "../text/index.ts";

export const answersPerBatchMax = 1000;

/** What a list said of one address, network or name. Unknown is never a listing: it says something of who asked. */
export const listAnswerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("clear") }),
  z.object({
    kind: z.literal("listed"),
    codes: z.array(z.ipv4()).min(1).max(20),
    /** The list's own words (RFC 5782 §2.1), without the zone; null where it gives none. */
    text: toldText(500).nullable(),
  }),
  z.object({ kind: z.literal("unknown"), problem: toldText(300) }),
]);
export type ListAnswer = z.infer<typeof listAnswerSchema>;

/** A part of a round, in which a host has asked all lists about all that it sends from. */
export const blockListBatchSchema = z.object({
  /** When the round began, in ms; all its parts say the same. */
  at: z.int().positive(),
  /** With the last part it is known what was not asked about any more. */
  isLast: z.boolean(),
  answers: z
    .array(z.object({ list: toldText(50), subject: toldText(260).min(1), answer: listAnswerSchema }))
    .max(answersPerBatchMax),
});
export type BlockListBatch = z.infer<typeof blockListBatchSchema>;
export type ToldAnswer = BlockListBatch["answers"][number];

/** Cuts what a round came to into batches that a frame holds. */
export function roundBatches(at: number, answers: readonly ToldAnswer[]): BlockListBatch[] {
  const parts = Math.max(1, Math.ceil(answers.length / answersPerBatchMax));
  return Array.from({ length: parts }, (_, part) => ({
    at,
    isLast: part === parts - 1,
    answers: answers.slice(part * answersPerBatchMax, (part + 1) * answersPerBatchMax),
  }));
}
