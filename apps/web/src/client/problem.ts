export interface Problem {
  kind: string;
  sentence: string;
  /** Names the request in the log of the control plane; null when the request never got there. */
  requestId: string | null;
}

/** Reads what the API said about a failure. A failure without an answer is a lost line, not a fault of the API. */
export function readProblem(error: unknown): Problem {
  const data = field(error, "data");
  const kind = field(data, "kind");
  const requestId = field(data, "requestId");
  const sentence = error instanceof Error ? error.message : String(error);
  if (typeof kind === "string")
    return { kind, sentence, requestId: typeof requestId === "string" ? requestId : null };
  return { kind: "lost-line", sentence, requestId: null };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
