"use client";
import { useEffect, useMemo, useRef } from "react";
import { createPacer } from "./pacer.ts";

/** A way to ask that may be called at every change: what comes in quick succession is asked about together. */
export function usePaced(ask: () => Promise<unknown>): () => void {
  const latest = useRef(ask);
  latest.current = ask;
  const pacer = useMemo(() => createPacer(() => latest.current()), []);
  useEffect(() => pacer.stop, [pacer]);
  return pacer.call;
}
