import { conditionFindingPrefix } from "../checks/index.ts";

/** The kind of a finding, by how its key begins; of what a host tells of itself, the name of the condition. */
export function kindOf(key: string): string {
  const [kind = ""] = key.split(" ");
  return kind.startsWith(conditionFindingPrefix) ? kind.slice(conditionFindingPrefix.length) : kind;
}
