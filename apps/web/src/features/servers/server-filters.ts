import { serverStatuses } from "@mailstead/core/servers";
import { tagSchema, tagsPerServerMax } from "@mailstead/core/tags";
import { z } from "zod";
import { tagsInAddress } from "../tags/tags-in-address.ts";

export const serverSorts = ["name", "tenant", "state", "queue", "last-seen"] as const;

const filtersSchema = z.object({
  search: z.string().max(200).optional().catch(undefined),
  state: z.enum(serverStatuses).optional().catch(undefined),
  tenantId: z.uuid().optional().catch(undefined),
  tags: z.array(tagSchema).max(tagsPerServerMax).optional().catch(undefined),
  sort: z.enum(serverSorts).catch("name"),
  isDescending: z.boolean(),
});
export type ServerFilters = z.infer<typeof filtersSchema>;

/** Reads the filters and the order of the list from an address; what does not fit falls back to the plain list. */
export function readServerFilters(params: { get(name: string): string | null }): ServerFilters {
  const sort = params.get("sort") ?? "name";
  return filtersSchema.parse({
    search: params.get("q") ?? undefined,
    state: params.get("state") ?? undefined,
    tenantId: params.get("customer") ?? undefined,
    tags: tagsInAddress(params.get("tags")) ?? undefined,
    sort: sort.replace(/^-/, ""),
    isDescending: sort.startsWith("-"),
  });
}

/** Sorts that are asked for because of their largest first. */
const largestFirst: readonly string[] = ["queue"];

/** The order in the address after a press on a column's head; null is the plain list. */
export function nextSort({ sort, isDescending }: ServerFilters, key: string): string | null {
  const isDescendingNext = sort === key ? !isDescending : largestFirst.includes(key);
  if (isDescendingNext) return `-${key}`;
  return key === "name" ? null : key;
}
