import { type ProviderId, providers } from "@mailstead/core/delivery";
import { z } from "zod";
import { fleetSpans } from "./spans.ts";

const providerIds = Object.keys(providers) as [ProviderId, ...ProviderId[]];

/** A receiver as a page's address names it; `other` for all those that no other domain shares. */
export const providerFilter = z
  .enum([...providerIds, "other"])
  .optional()
  .catch(undefined);

const filtersSchema = z.object({
  span: z.enum(fleetSpans).catch("month"),
  of: z.enum(["servers", "domains"]).catch("servers"),
  search: z.string().max(200).optional().catch(undefined),
  tenantId: z.uuid().optional().catch(undefined),
  provider: providerFilter,
});
export type FleetFilters = z.infer<typeof filtersSchema>;

/** Reads what the fleet's page is about from its address; what does not fit is left out. */
export function readFleetFilters(params: { get(name: string): string | null }): FleetFilters {
  return filtersSchema.parse({
    span: params.get("span") ?? undefined,
    of: params.get("of") ?? undefined,
    search: params.get("q") ?? undefined,
    tenantId: params.get("customer") ?? undefined,
    provider: params.get("provider") ?? undefined,
  });
}

/** What the figures and the map of the whole are asked by. */
export function fleetAsk({ span, tenantId }: FleetFilters) {
  return { span, tenantId };
}

/** What the list is asked by. */
export function standingsAsk({ of, search, tenantId, provider }: FleetFilters) {
  return { of, search, tenantId, provider };
}
