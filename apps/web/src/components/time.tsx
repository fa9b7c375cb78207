"use client";
import { momentWords } from "@mailstead/core/text";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useWords } from "./words-provider.tsx";

const everyMs = 15_000;
const NowContext = createContext<Date>(new Date(0));

/** One clock for the page. It starts with the server's time, so that the first paint reads the same on both sides. */
export function ClockProvider({ startUnixMs, children }: { startUnixMs: number; children: ReactNode }) {
  const [now, setNow] = useState(() => new Date(startUnixMs));
  useEffect(() => {
    setNow(new Date());
    const timer = setInterval(() => setNow(new Date()), everyMs);
    return () => clearInterval(timer);
  }, []);
  return <NowContext value={now}>{children}</NowContext>;
}

export function useNow(): Date {
  return useContext(NowContext);
}

/** The time as a clock that ticks while something on the page is being counted. */
export function useTickingNow(isTicking: boolean): Date {
  const coarse = useNow();
  const [now, setNow] = useState<Date | null>(null);
  useEffect(() => {
    if (!isTicking) return setNow(null);
    const tick = () => setNow(new Date());
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [isTicking]);
  return now ?? coarse;
}

/** The exact time in the viewer's own zone; until the page knows that zone, in UTC. */
export function Moment({ at }: { at: Date }) {
  const { format } = useWords();
  const [exact, setExact] = useState<string>();
  const unixMs = at.getTime();
  // The parts of a text are made anew each time, with the same moments in them.
  useEffect(() => setExact(format.exact(new Date(unixMs))), [unixMs, format]);
  return (
    <time dateTime={at.toISOString()} suppressHydrationWarning>
      {exact ?? momentWords(at)}
    </time>
  );
}

/** How long ago, with the exact time in the viewer's own zone on hover. */
export function Ago({ at }: { at: Date }) {
  const { format } = useWords();
  const now = useNow();
  const [exact, setExact] = useState<string>();
  useEffect(() => setExact(format.exact(at)), [at, format]);
  return (
    <time dateTime={at.toISOString()} title={exact} className="whitespace-nowrap" suppressHydrationWarning>
      {format.relative(at, now)}
    </time>
  );
}
