"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { fleetAsk, readFleetFilters } from "./fleet-filters.ts";
import { refreshEveryMs } from "./refresh.ts";

/** How the receivers take the mail of the fleet that the page is about. */
export function useFleet() {
  const trpc = useTRPC();
  const [params] = useUrlParams();
  return useQuery(
    trpc.deliverability.fleet.queryOptions(fleetAsk(readFleetFilters(params)), {
      placeholderData: keepPreviousData,
      refetchInterval: refreshEveryMs,
    }),
  );
}
