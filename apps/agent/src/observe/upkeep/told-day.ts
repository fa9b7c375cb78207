import { stat } from "node:fs/promises";
import { isMissing } from "../../platform/files.ts";

/** The day of a moment, in UTC. */
export function dayOf(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 10);
}

/** When a file or folder was last written; null when there is none. */
export async function modifiedAtMs(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
