"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { usePaced } from "../../client/use-paced.ts";
import { useFollow } from "../live/live-provider.tsx";
import { everyRollout } from "../live/topics.ts";

/** At most one question in this time, however fast the worker goes. */
const restMs = 1_000;

/** A rollout that is asked about anew whenever something has become of it, with all that its page holds of it. */
export function useRollout(rolloutId: string) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const query = useQuery(trpc.rollouts.get.queryOptions({ rolloutId }));
  const refresh = usePaced(async () => {
    const changing = [trpc.rollouts.get, trpc.rollouts.marks, trpc.rollouts.members, trpc.rollouts.member];
    const slow = [trpc.rollouts.outputs, trpc.rollouts.health];
    await Promise.all(
      [...changing, ...slow].map((asked) => queryClient.invalidateQueries({ queryKey: asked.pathKey() })),
    );
    await new Promise((done) => setTimeout(done, restMs));
  });
  useFollow([everyRollout], refresh);
  return query;
}
