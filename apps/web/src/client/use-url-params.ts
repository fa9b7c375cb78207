"use client";
import { useSearchParams } from "next/navigation";
import { useCallback } from "react";

/**
 * The page's parameters and a way to change some of them in place. An empty value takes the parameter away. The
 * address changes without asking the server for the page again: the screen asks for its data itself.
 */
export function useUrlParams(): [
  URLSearchParams,
  (changes: Readonly<Record<string, string | null>>) => void,
] {
  const current = useSearchParams();
  const change = useCallback((changes: Readonly<Record<string, string | null>>) => {
    const next = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") next.delete(name);
      else next.set(name, value);
    }
    const query = next.toString();
    window.history.replaceState(null, "", query === "" ? window.location.pathname : `?${query}`);
  }, []);
  return [current, change];
}
