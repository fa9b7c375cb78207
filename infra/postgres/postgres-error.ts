/** Its message is one sentence for the person at the terminal: what, where, and what to do. */
export class PostgresError extends Error {
  override readonly name = "PostgresError";
}
