import { stat } from "node:fs/promises";
import type { Host } from "../platform/host.ts";

/** When these files and folders were last written and how large they are, as a text that changes with any of it. */
export async function stampOf(host: Host, paths: readonly string[]): Promise<string> {
  const stamps = await Promise.all(
    paths.map(async (path) => {
      try {
        const { mtimeMs, size } = await stat(host.path(path));
        return `${path}:${mtimeMs}:${size}`;
      } catch {
        // A file that cannot be looked at stamps differently from one that can, which is all that is asked here.
        return `${path}:missing`;
      }
    }),
  );
  return stamps.join();
}
