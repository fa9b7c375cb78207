import type { RouterOutputs } from "../../client/router-types.ts";

type Key = RouterOutputs["domains"]["get"]["keys"][number];

/** What a key is called. One that went with its machine is not there any more, and was made all the same. */
export function keyWord({ isMade, state }: Pick<Key, "isMade" | "state">): Key["state"] | "not-made" {
  return !isMade && state === "waiting" ? "not-made" : state;
}
