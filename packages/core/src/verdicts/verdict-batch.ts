import { z } from "zod";
import { type ProviderId, portions, providers } from "../delivery/index.ts";
import { toldText } from "../text/index.ts";
import { scoreBounds, symbolPattern, type VerdictCount } from "./count-verdicts.ts";
import { type VerdictFact, verdictActions, verdictFacts } from "./verdict-words.ts";

/** Most counts in one batch, whatever their size. */
export const verdictBatchMax = 1000;

const count = z.int().positive().max(1e12);
// A newer agent may count more than this control plane knows of.
const facts = z.record(z.string().max(50), count).transform((told) => knownFacts(told));
const scores = z.record(
  z
    .string()
    .regex(/^(0|-?[1-9]\d?)$/)
    .refine((point) => Number(point) >= scoreBounds.min && Number(point) <= scoreBounds.max),
  count,
);

const verdictCountSchema = z.object({
  minute: z.int().nonnegative().max(8.64e15).multipleOf(60_000),
  direction: z.enum(["outbound", "inbound", "internal"]),
  domain: toldText(253).overwrite((text) => text.toLowerCase()),
  provider: z
    .enum(Object.keys(providers) as [ProviderId, ...ProviderId[]])
    .nullable()
    .catch(null),
  action: z.enum(verdictActions).catch("accepted"),
  messages: count,
  facts,
  scores,
  symbols: z.record(z.string().regex(symbolPattern), count),
}) satisfies z.ZodType<VerdictCount>;

/** What an agent tells of Rspamd's verdicts at once. Whatever an agent claims, only what has this shape is stored. */
export const verdictBatchSchema = z.object({ counts: z.array(verdictCountSchema).max(verdictBatchMax) });
export type VerdictBatch = z.infer<typeof verdictBatchSchema>;

/** Parts counts so that each part fits a batch and a frame; none for nothing. */
export function verdictBatchesOf(counts: readonly VerdictCount[]): readonly VerdictBatch[] {
  return portions(counts, verdictBatchMax).map((part) => ({ counts: part }));
}

function knownFacts(told: Readonly<Record<string, number>>): Partial<Record<VerdictFact, number>> {
  return Object.fromEntries(
    verdictFacts.flatMap((fact) => (told[fact] === undefined ? [] : [[fact, told[fact]]])),
  );
}
