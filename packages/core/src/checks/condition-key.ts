import type { HostCondition } from "../servers/index.ts";

/** Begins the key of every finding about a condition of a host, so that no look from outside closes it. */
export const conditionFindingPrefix = "condition-";

/** What makes the same condition of two looks one finding. */
export function conditionKey({ code, about }: Pick<HostCondition, "code" | "about">): string {
  return `${conditionFindingPrefix}${code} ${about}`.toLowerCase();
}
