"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";

/** Asks again for measures and warm-ups, for the findings that name them, and for the jobs that carry them to hosts. */
export function useMeasureCache(): { refresh: () => Promise<unknown> } {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return {
    refresh: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: trpc.measures.pathKey() }),
        queryClient.invalidateQueries({ queryKey: trpc.findings.pathKey() }),
        queryClient.invalidateQueries({ queryKey: trpc.jobs.list.pathKey() }),
      ]),
  };
}
