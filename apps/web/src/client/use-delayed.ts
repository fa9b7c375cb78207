"use client";
import { useEffect, useState } from "react";

/** The value once it has not changed for a while, so that each typed letter does not ask the server. */
export function useDelayed<T>(value: T, delayMs = 180): T {
  const [delayed, setDelayed] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setDelayed(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return delayed;
}
