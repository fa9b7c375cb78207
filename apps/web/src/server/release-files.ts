import { type FileHandle, open, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { parseDelegation } from "@mailstead/core/agent-updates";
import { env } from "../env.ts";

export interface OpenedRelease {
  body: ReadableStream;
  sizeBytes: number;
  isVersioned: boolean;
}

/** Whether a host can be given an agent: not while the first release is still being built, nor where none ever is. */
export type ReleaseStanding = "ready" | "awaited" | "none";

/** Says how the folder of the signed releases stands; a statement is written last, so that one means a whole release. */
export async function readReleaseStanding(folder = env().RELEASES_DIR): Promise<ReleaseStanding> {
  if (folder === undefined) return "none";
  try {
    const files = await readdir(folder);
    const isReady =
      files.some((file) => file.endsWith(".release")) &&
      files.some((file) => file.startsWith(certificatePrefix));
    return isReady ? "ready" : "awaited";
  } catch (error) {
    if (isAbsent(error)) return "awaited";
    throw error;
  }
}

// Hosts ask for it by the root key that they have pinned.
const certificatePrefix = "release-key-by-";
const dayMs = 86_400_000;
const endsSoonMs = 90 * dayMs;

/** The certificate of the release key ends soon or has ended, and with it what hosts take. */
export interface ReleaseKeyEnd {
  endsAt: Date;
  hasEnded: boolean;
}

/** Says when the release key stops to count, if that is soon; null where it is not, and where nothing is released. */
export async function readReleaseKeyEnd(
  now: Date,
  folder = env().RELEASES_DIR,
): Promise<ReleaseKeyEnd | null> {
  if (folder === undefined) return null;
  const ends: number[] = [];
  try {
    for (const file of await readdir(folder)) {
      if (!file.startsWith(certificatePrefix)) continue;
      const text = await readFile(path.join(folder, file), "utf8");
      const certificate = parseDelegation(text.replace(/signature .*\n$/, ""));
      if (certificate !== null) ends.push(certificate.expires * 1000);
    }
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  if (ends.length === 0) return null;
  const endsAt = new Date(Math.max(...ends));
  const leftMs = endsAt.getTime() - now.getTime();
  return leftMs > endsSoonMs ? null : { endsAt, hasEnded: leftMs <= 0 };
}

const askAgainSeconds = 30;

/** What hosts are told while the first release is being built; the install script makes its own sentence of the 503. */
export function releaseAwaited(): Response {
  return new Response(`The agent is still being built; try again in ${askAgainSeconds} seconds.\n`, {
    status: 503,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "retry-after": String(askAgainSeconds),
    },
  });
}

const segmentPattern = /^[A-Za-z0-9][A-Za-z0-9._+~-]*$/;

/** The path of a release file below its folder; null when a part could lead out of the folder. */
export function releasePath(folder: string, segments: readonly string[]): string | null {
  if (segments.length === 0 || !segments.every((segment) => segmentPattern.test(segment))) return null;
  return path.join(folder, ...segments);
}

/** Opens a file of the signed agent releases for download; null when there is none at the path. */
export async function openRelease(segments: readonly string[]): Promise<OpenedRelease | null> {
  const folder = env().RELEASES_DIR;
  const file = folder === undefined ? null : releasePath(folder, segments);
  if (file === null) return null;
  let handle: FileHandle;
  try {
    handle = await open(file);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
  const stats = await handle.stat();
  if (!stats.isFile()) {
    await handle.close();
    return null;
  }
  const body = Readable.toWeb(handle.createReadStream()) as ReadableStream;
  // What a manifest says about a version is signed anew from time to time; its other files never change.
  const isVersioned = segments.length > 1 && segments.at(-1) !== "agent-manifest";
  return { body, sizeBytes: stats.size, isVersioned };
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
