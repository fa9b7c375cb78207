"use client";
import { useEffect, useState } from "react";

// Browsers open six connections to a host, so tabs in the background give theirs back; a short look away keeps it.
const graceMs = 20_000;

/** False once the page has been in the background for a while; true again as soon as somebody looks. */
export function usePageIsWatched(): boolean {
  const [isWatched, setWatched] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onChange = () => {
      clearTimeout(timer);
      if (document.hidden) timer = setTimeout(() => setWatched(false), graceMs);
      else setWatched(true);
    };
    document.addEventListener("visibilitychange", onChange);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onChange);
    };
  }, []);
  return isWatched;
}
