import { ServiceError } from "./service-error.ts";

/** The name of the unique index that a statement ran into, or null when it failed for another reason. */
export function violatedIndex(error: unknown): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, constraint } = cause as Error & { code?: unknown; constraint?: unknown };
    if (code === "23505" && typeof constraint === "string") return constraint;
  }
  return null;
}

export interface Taken {
  /** The unique index that refuses. */
  index: string;
  sentence: string;
  field?: string;
}

/** The `conflict` to throw when `error` came from that index; any other error as it is. */
export function asConflict(error: unknown, { index, sentence, field }: Taken): unknown {
  if (violatedIndex(error) !== index) return error;
  return new ServiceError("conflict", sentence, { ...(field === undefined ? {} : { field }), cause: error });
}
