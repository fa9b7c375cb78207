import { z } from "zod";
import { packageNameSchema } from "../updates/index.ts";

/** More sources than wait anywhere after a release of Debian. */
const sourcesMax = 500;

/** Which of the waiting updates are brought. */
export const updateChoiceSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("all") }),
  z.object({ kind: z.literal("security") }),
  z.object({ kind: z.literal("sources"), sourceNames: z.array(packageNameSchema).min(1).max(sourcesMax) }),
]);
export type UpdateChoice = z.infer<typeof updateChoiceSchema>;

/** What a rollout is to do: bring updates, or have servers start anew that wait for it. */
export const rolloutChoiceSchema = z.union([updateChoiceSchema, z.object({ kind: z.literal("reboots") })]);
export type RolloutChoice = z.infer<typeof rolloutChoiceSchema>;
