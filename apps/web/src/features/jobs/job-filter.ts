import { z } from "zod";

const filtersSchema = z.object({
  serverId: z.uuid().optional().catch(undefined),
  tenantId: z.uuid().optional().catch(undefined),
  filter: z.enum(["active", "failed"]).optional().catch(undefined),
});
export type JobFilters = z.infer<typeof filtersSchema>;

/** Reads which jobs to show from an address, of one server when it is named; what does not fit is left out. */
export function readJobFilters(params: { get(name: string): string | null }, serverId?: string): JobFilters {
  return filtersSchema.parse({
    serverId,
    filter: params.get("state") ?? undefined,
    // A server has one customer, so there is nothing to narrow down on its page.
    tenantId: serverId === undefined ? (params.get("customer") ?? undefined) : undefined,
  });
}
