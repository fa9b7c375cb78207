"use client";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { filterOf, type QueueFilters } from "./queue-filters.ts";

type Answer = RouterOutputs["mailQueue"]["page"];
export type QueuePage = Extract<Answer, { kind: "answered" }>["result"];

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

const askEveryMs = 300;

/** Reads the queue of a server as the filters mean it: at once, when they change, and when it is asked to. */
export function useQueueReading(serverId: string, filters: QueueFilters): QueueReading {
  const trpc = useTRPC();
  const [jobId, setJobId] = useState<string | null>(null);
  const start = useMutation(
    trpc.mailQueue.read.mutationOptions({ onSuccess: (started) => setJobId(started.jobId) }),
  );
  const { mutate } = start;
  const said = JSON.stringify(filters);
  const read = useCallback(
    () => mutate({ serverId, filter: filterOf(JSON.parse(said) as QueueFilters, new Date()) }),
    [mutate, serverId, said],
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
  const told = answer.data;
  useEffect(() => {
    if (told?.kind === "answered") setPage(told.result);
  }, [told]);
  const isWaiting =
    jobId !== null && (told === undefined || told.kind === "waiting" || answer.isPlaceholderData);
  return {
    page,
    isReading: start.isPending || (isWaiting && answer.error === null),
    problem: told?.kind === "failed" ? told.problem : null,
    hasFailed: told?.kind === "failed" && !answer.isPlaceholderData,
    error: start.error ?? answer.error,
    read,
  };
}
