"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";

/** Asks again for everything that shows servers or their jobs. */
export function useServerCache(): { refresh: () => Promise<unknown> } {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return {
    refresh: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: trpc.servers.pathKey() }),
        queryClient.invalidateQueries({ queryKey: trpc.jobs.list.pathKey() }),
      ]),
  };
}
