import type { z } from "zod";
import { parseInput } from "../context/index.ts";

/** Where the page before ended, in the shape of this list's cursors; null on the first. Throws `invalid` for anything else. */
export function readCursor<Position>(
  schema: z.ZodType<Position>,
  cursor: string | undefined,
): Position | null {
  return cursor === undefined ? null : parseInput(schema, parseJson(cursor));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
