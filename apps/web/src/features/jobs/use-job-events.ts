"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { type JobStoryEvent, joinEvents } from "./job-story.ts";

export interface JobEvents {
  events: readonly JobStoryEvent[];
  error: unknown;
  /** Asks for what follows the last event at hand, until there is no more. */
  catchUp: () => void;
}

/**
 * All events of a job so far. Events are only ever asked for after the last one at hand, so neither a reload nor a
 * lost line leaves a gap; a call while one is under way makes it look once more at its end.
 */
export function useJobEvents(jobId: string): JobEvents {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [events, setEvents] = useState<readonly JobStoryEvent[]>(
    () => queryClient.getQueryData(trpc.jobs.events.queryKey({ jobId, afterNumber: 0 }))?.events ?? [],
  );
  const [error, setError] = useState<unknown>(null);
  const held = useRef(events);
  const reading = useRef<"idle" | "reading" | "again">("idle");

  const catchUp = useCallback(async () => {
    if (reading.current !== "idle") {
      reading.current = "again";
      return;
    }
    reading.current = "reading";
    try {
      for (;;) {
        const afterNumber = held.current.at(-1)?.number ?? 0;
        const page = await queryClient.fetchQuery(
          trpc.jobs.events.queryOptions({ jobId, afterNumber }, { staleTime: 0, gcTime: 0 }),
        );
        held.current = joinEvents(held.current, page.events);
        setEvents(held.current);
        if (page.events.length > 0) continue;
        if ((reading.current as string) !== "again") break;
        reading.current = "reading";
      }
      setError(null);
    } catch (cause) {
      setError(cause);
    } finally {
      reading.current = "idle";
    }
  }, [jobId, queryClient, trpc]);

  useEffect(() => void catchUp(), [catchUp]);
  return { events, error, catchUp: () => void catchUp() };
}
