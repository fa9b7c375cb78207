import { memberGroups } from "@mailstead/core/rollouts";
import { z } from "zod";

const filtersSchema = z.object({
  wave: z.coerce.number().int().nonnegative().max(10).optional().catch(undefined),
  group: z.enum(memberGroups).optional().catch(undefined),
  tenantId: z.uuid().optional().catch(undefined),
  search: z.string().max(200).optional().catch(undefined),
});
export type MemberFilters = z.infer<typeof filtersSchema>;

/** Reads which servers of a rollout to show from an address; what does not fit is left out. */
export function readMemberFilters(params: { get(name: string): string | null }): MemberFilters {
  return filtersSchema.parse({
    wave: params.get("wave") ?? undefined,
    group: params.get("state") ?? undefined,
    tenantId: params.get("customer") ?? undefined,
    search: params.get("search") || undefined,
  });
}

export function isFiltered(filters: MemberFilters): boolean {
  return Object.values(filters).some((value) => value !== undefined);
}
