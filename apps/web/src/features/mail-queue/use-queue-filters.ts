"use client";
import { useCallback, useEffect, useState } from "react";
import { type QueueFilters, queueHash, readQueueHash } from "./queue-filters.ts";

/**
 * What the bar holds, kept in the page's address, so that it outlives a reload and can be handed on. Null until the
 * browser has told the address: the part that holds it is sent to no server.
 */
export function useQueueFilters(): [QueueFilters | null, (filters: QueueFilters) => void] {
  const [filters, setFilters] = useState<QueueFilters | null>(null);
  useEffect(() => {
    const read = () => setFilters(readQueueHash(window.location.hash));
    read();
    window.addEventListener("hashchange", read);
    return () => window.removeEventListener("hashchange", read);
  }, []);
  const change = useCallback((next: QueueFilters) => {
    setFilters(next);
    const { pathname, search } = window.location;
    window.history.replaceState(null, "", `${pathname}${search}${queueHash(next)}`);
  }, []);
  return [filters, change];
}
