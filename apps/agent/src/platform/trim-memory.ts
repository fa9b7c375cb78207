import { readFile } from "node:fs/promises";
import { log } from "./log.ts";

// madvise(2): reclaims clean pages of a mapping; they come back from the file on the next touch.
const adviceToPageOut = 21;

// What reads the log or answers a heartbeat brings pages back, each with its neighbours, and needs few of them again soon.
const lookEveryMs = 10_000;
const restingMaxBytes = 30 * 1_048_576;

/** Keeps the process small while it has nothing to do: looks every few seconds, and trims what has grown. Returns how to stop. */
export function keepTrimmed(isIdle: () => boolean): () => void {
  const timer = setInterval(() => {
    if (!isIdle() || process.memoryUsage.rss() <= restingMaxBytes) return;
    trimMemory().catch((error: Error) => log("warning", `memory was not trimmed: ${error.message}`));
  }, lookEveryMs);
  return () => clearInterval(timer);
}

/**
 * Gives back what an idle agent does not use: collects garbage, and returns the clean pages of the executable's own
 * text, most of which only ever run at start. Does nothing on a runtime other than bun.
 */
async function trimMemory(): Promise<void> {
  const bun = (globalThis as { Bun?: { gc(isForced: boolean): void } }).Bun;
  if (bun === undefined) return;
  bun.gc(true);
  const { dlopen, FFIType } = (await import("bun:ffi" as string)) as BunFfi;
  const { symbols, close } = dlopen("libc.so.6", {
    madvise: { args: [FFIType["u64"], FFIType["u64"], FFIType["i32"]], returns: FFIType["i32"] },
  });
  for (const { start, end } of readOnlyFileMappings(await readFile("/proc/self/maps", "utf8")))
    symbols["madvise"]?.(start, end - start, adviceToPageOut);
  close();
}

interface BunFfi {
  FFIType: Record<string, number>;
  dlopen(
    library: string,
    functions: Record<string, { args: (number | undefined)[]; returns: number | undefined }>,
  ): { symbols: Record<string, (...args: (bigint | number)[]) => number>; close(): void };
}

/** Address ranges of /proc/self/maps that are backed by a file and cannot be written. */
export function readOnlyFileMappings(maps: string): { start: bigint; end: bigint }[] {
  return maps.split("\n").flatMap((line) => {
    const match = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ (\d+) /.exec(line);
    if (match === null || match[3] === "0") return [];
    return [{ start: BigInt(`0x${match[1]}`), end: BigInt(`0x${match[2]}`) }];
  });
}
