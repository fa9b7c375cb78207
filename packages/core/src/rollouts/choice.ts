import { z } from "zod";
import { packageNameSchema } from "../updates/index.ts";
import type { RolloutKind } from "./rollout.ts";

/** More sources than wait anywhere after a release of Debian. */
const sourcesMax = 500;

/** Which of the waiting updates are brought. */
export const updateChoiceSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("all") }),
  z.object({ kind: z.literal("security") }),
  z.object({ kind: z.literal("sources"), sourceNames: z.array(packageNameSchema).min(1).max(sourcesMax) }),
]);
export type UpdateChoice = z.infer<typeof updateChoiceSchema>;

/** What a rollout is to do: bring updates, have servers start anew that wait for it, bring the agent that is offered now, or the configuration that is wanted. */
export const rolloutChoiceSchema = z.union([
  updateChoiceSchema,
  z.object({ kind: z.literal("reboots") }),
  z.object({ kind: z.literal("agents") }),
  /** `revertsDrift` puts back what was edited by hand as well. */
  z.object({ kind: z.literal("configurations"), revertsDrift: z.boolean() }),
]);
export type RolloutChoice = z.infer<typeof rolloutChoiceSchema>;

export function kindOf(choice: RolloutChoice): RolloutKind {
  switch (choice.kind) {
    case "all":
    case "security":
    case "sources":
      return "packages";
    default:
      return choice.kind;
  }
}
