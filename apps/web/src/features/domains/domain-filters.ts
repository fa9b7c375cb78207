import { z } from "zod";

const filtersSchema = z.object({
  search: z.string().max(200).optional().catch(undefined),
  tenantId: z.uuid().optional().catch(undefined),
});
export type DomainFilters = z.infer<typeof filtersSchema>;

/** Reads the filters of the list from an address; what does not fit is left out. */
export function readDomainFilters(params: { get(name: string): string | null }): DomainFilters {
  return filtersSchema.parse({
    search: params.get("q") ?? undefined,
    tenantId: params.get("customer") ?? undefined,
  });
}
