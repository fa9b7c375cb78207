/** Writes one line of JSON to the process's standard error, where the supervisor picks it up. */
export function logProblem(message: string, fields: Readonly<Record<string, unknown>>): void {
  const { cause, ...rest } = fields;
  const line = {
    level: "error",
    message,
    ...rest,
    ...(cause === undefined ? {} : { cause: describe(cause) }),
  };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

function describe(cause: unknown): unknown {
  if (!(cause instanceof Error)) return String(cause);
  return {
    name: cause.name,
    message: cause.message,
    stack: cause.stack,
    ...(cause.cause === undefined ? {} : { cause: describe(cause.cause) }),
  };
}
