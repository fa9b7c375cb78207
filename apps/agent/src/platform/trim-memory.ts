import { readFile } from "node:fs/promises";
import { log } from "./log.ts";

// madvise(2): lets go of the pages of a mapping; they come back from the file on the next touch.
const adviceNotNeeded = 4;

const lookEveryMs = 2000;
/** Collecting costs as much as reading some thousand lines of a log, and throws compiled code away. */
const collectEveryMs = 30_000;
const restingMaxBytes = 30 * 1_048_576;
/** What comes back by itself, with every heartbeat. */
const comesBackBytes = 4 * 1_048_576;

/** Keeps the process small while it has nothing to do: looks every few seconds, and trims what has grown. Returns how to stop. */
export function keepTrimmed(isIdle: () => boolean): () => void {
  let leftBytes = 0;
  let collectedAt = Number.NEGATIVE_INFINITY;
  const timer = setInterval(() => {
    const { rss } = process.memoryUsage;
    if (!isIdle() || rss() <= restingMaxBytes) return;
    // Letting go of text costs next to nothing; collecting does, and is for what has been worked on since.
    const now = performance.now();
    const collects = rss() > leftBytes + comesBackBytes && now - collectedAt >= collectEveryMs;
    if (collects) collect();
    releaseText();
    if (!collects) return;
    leftBytes = rss();
    collectedAt = now;
  }, lookEveryMs);
  return () => clearInterval(timer);
}

interface Runtime {
  /** Collects garbage. */
  readonly collect: () => void;
  /** Lets go of a mapping's pages. */
  readonly release: (start: bigint, bytes: bigint) => void;
  readonly mappings: readonly Mapping[];
}

let runtime: Runtime | null = null;

/** Readies releaseText. Does nothing on a runtime other than bun. */
export async function prepareTrimming(): Promise<void> {
  const bun = (globalThis as { Bun?: { gc(isForced: boolean): void } }).Bun;
  if (bun === undefined || runtime !== null) return;
  try {
    const { dlopen, FFIType } = (await import("bun:ffi" as string)) as BunFfi;
    const { symbols } = dlopen("libc.so.6", {
      madvise: { args: [FFIType["u64"], FFIType["u64"], FFIType["i32"]], returns: FFIType["i32"] },
    });
    runtime = {
      collect: () => bun.gc(true),
      release: (start, bytes) => void symbols["madvise"]?.(start, bytes, adviceNotNeeded),
      mappings: cleanFileMappings(await readFile("/proc/self/smaps", "utf8")),
    };
  } catch (error) {
    log("warning", `memory will not be trimmed: ${(error as Error).message}`);
  }
}

function collect(): void {
  runtime?.collect();
}

/**
 * Gives back the pages of the executable and its libraries. The kernel maps fifteen neighbours with each that is touched, so a
 * process that has touched a little of everything holds most of it; what is needed again is still in memory as a file's.
 */
export function releaseText(): void {
  for (const { start, end } of runtime?.mappings ?? []) runtime?.release(start, end - start);
}

interface BunFfi {
  FFIType: Record<string, number>;
  dlopen(
    library: string,
    functions: Record<string, { args: (number | undefined)[]; returns: number | undefined }>,
  ): { symbols: Record<string, (...args: (bigint | number)[]) => number> };
}

/** An address range. */
export interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * Ranges of /proc/self/smaps (proc(5)) that are as they stand in a file: those that cannot be written and of which no page was
 * made the process's own, which would be lost.
 */
export function cleanFileMappings(smaps: string): Mapping[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((mapping) => {
    const [, start, end, inode] = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ (\d+) /.exec(mapping) ?? [];
    const isOwn = !/^Anonymous: +0 kB$/m.test(mapping) || !/^Swap: +0 kB$/m.test(mapping);
    if (start === undefined || inode === "0" || isOwn) return [];
    return [{ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) }];
  });
}
