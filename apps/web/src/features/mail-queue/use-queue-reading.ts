"use client";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { filterOf, type QueueFilters } from "./queue-filters.ts";

type Answer = RouterOutputs["mailQueue"]["page"];
export type QueuePage = Extract<Answer, { kind: "answered" }>["result"] & {
  /** How many older ones were passed over. */
  skip: number;
};

/** How many messages are read at once. */
export const pageSize = 100;

export interface QueueReading {
  /** The last page that was read; stays while another is. */
  page: QueuePage | null;
  isReading: boolean;
  /** What kept the server from answering, in its words. */
  problem: string | null;
  hasFailed: boolean;
  error: unknown;
  read: () => void;
}

/** Which messages of a queue are read. */
export interface QueueQuestion {
  serverId: string;
  filters: QueueFilters;
  /** How many of the oldest that match are passed over. */
  skip: number;
}

const askEveryMs = 300;

/** Reads the queue of a server as it is asked for: at once, when that changes, and when it is told to. */
export function useQueueReading({ serverId, filters, skip }: QueueQuestion): QueueReading {
  const trpc = useTRPC();
  const [asked, setAsked] = useState<{ jobId: string; skip: number } | null>(null);
  const jobId = asked?.jobId ?? null;
  const start = useMutation(
    trpc.mailQueue.read.mutationOptions({
      onSuccess: (started, { skip: passedOver = 0 }) => setAsked({ ...started, skip: passedOver }),
    }),
  );
  const { mutate } = start;
  const said = JSON.stringify(filters);
  const read = useCallback(
    () =>
      mutate({
        serverId,
        skip,
        limit: pageSize,
        filter: filterOf(JSON.parse(said) as QueueFilters, new Date()),
      }),
    [mutate, serverId, said, skip],
  );
  useEffect(read, [read]);
  const answer = useQuery(
    trpc.mailQueue.page.queryOptions(
      { jobId: jobId ?? "" },
      {
        enabled: jobId !== null,
        placeholderData: keepPreviousData,
        refetchInterval: ({ state }) =>
          state.error !== null || (state.data !== undefined && state.data.kind !== "waiting")
            ? false
            : askEveryMs,
      },
    ),
  );
  const [page, setPage] = useState<QueuePage | null>(null);
  const { data: told, isPlaceholderData } = answer;
  useEffect(() => {
    if (told?.kind === "answered" && asked !== null && !isPlaceholderData)
      setPage({ ...told.result, skip: asked.skip });
  }, [told, asked, isPlaceholderData]);
  const isWaiting = jobId !== null && (told === undefined || told.kind === "waiting" || isPlaceholderData);
  return {
    page,
    isReading: start.isPending || (isWaiting && answer.error === null),
    problem: told?.kind === "failed" ? told.problem : null,
    hasFailed: told?.kind === "failed" && !isPlaceholderData,
    error: start.error ?? answer.error,
    read,
  };
}
