import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { type ChangeUrgency, parseChangelog } from "@mailstead/core/updates";
import { isMissing } from "../../platform/files.ts";
import type { Argv, Host } from "../../platform/host.ts";
import { agentPaths } from "../../platform/paths.ts";

/** One source of which a newer version waits. */
export interface AskedChangelog {
  readonly sourceName: string;
  /** A package that is built from it, by which apt finds the changelog. */
  readonly packageName: string;
  /** The source's version that is installed. */
  readonly from: string;
  /** The package's version that waits. */
  readonly to: string;
}

/** What is new in one of them. */
export interface Changes {
  readonly urgency: ChangeUrgency | null;
  readonly cves: string[];
}

export interface ReadChangelogs {
  /** In the order of what was asked; null where that one could not be read. */
  readonly changes: readonly (Changes | null)[];
  /** Why the first that is missing is, in apt's words; null where it gave none. */
  readonly reason: string | null;
  /** False where nobody answered at all, so that others need not be asked. */
  readonly isReached: boolean;
}

// The newest entries stand first, and a host is seldom further behind than this.
const readMaxBytes = 512 * 1024;
const cvesMax = 200;
const noAnswer =
  /Could not resolve|Could not connect|Unable to connect|Cannot initiate|Connection (?:failed|refused|timed out)|timed out|Temporary failure|unreachable|No route/i;

/**
 * Has apt fetch changelogs from where the host's archives keep them, all in one process behind everything else, and reads
 * what is new. Nothing stays on disk.
 */
export async function readChangelogs(host: Host, asked: readonly AskedChangelog[]): Promise<ReadChangelogs> {
  const folder = host.path(agentPaths.changelogs);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  try {
    const argv: Argv = [
      ...(["nice", "-n", "19", "apt-get", "changelog", "--download-only", "-qq"] as const),
      "--option=Debug::NoLocking=true",
      "--option=Acquire::Retries=0",
      "--option=Acquire::http::Timeout=8",
      "--option=Acquire::https::Timeout=8",
      "--",
      ...asked.map(({ packageName, to }) => `${packageName}=${to}`),
    ];
    const result = await host.run(argv, { folder, timeoutMs: 120_000 });
    const changes: (Changes | null)[] = [];
    // One after the other, so that no more than one lies in memory.
    for (const one of asked) changes.push(await readOne(folder, one));
    const reason = /Changelog unavailable for [^\s(]+ \((.{1,200})\)$/m.exec(result.stderr)?.[1] ?? null;
    const isReached =
      changes.some((one) => one !== null) || !(result.hasTimedOut || noAnswer.test(result.stderr));
    return { changes, reason, isReached };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readOne(folder: string, { packageName, from }: AskedChangelog): Promise<Changes | null> {
  const text = await readBeginning(join(folder, `${packageName}.changelog`));
  if (text === null) return null;
  // What begins with no entry is no changelog, whoever answered.
  if (!/^\s*\S+ \([^()\s]+\) [^;\n]+;/.test(text)) return null;
  const { urgency, cves } = parseChangelog(text, from);
  return { urgency, cves: cves.slice(-cvesMax) };
}

async function readBeginning(path: string): Promise<string | null> {
  try {
    const file = await open(path, "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(readMaxBytes), 0, readMaxBytes, 0);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
