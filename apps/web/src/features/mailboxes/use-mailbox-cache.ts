"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";

/** Asks again for everything that shows mailboxes, aliases, or how many there are. */
export function useMailboxCache(): { refresh: () => Promise<unknown> } {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return {
    refresh: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: trpc.mailboxes.pathKey() }),
        queryClient.invalidateQueries({ queryKey: trpc.domains.pathKey() }),
      ]),
  };
}
