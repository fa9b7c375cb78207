import { type FileHandle, open } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { env } from "../env.ts";

export interface OpenedRelease {
  body: ReadableStream;
  sizeBytes: number;
  isVersioned: boolean;
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
  return { body, sizeBytes: stats.size, isVersioned: segments.length > 1 };
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
