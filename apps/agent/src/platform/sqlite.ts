import type { DatabaseSync } from "node:sqlite";

export type { DatabaseSync, StatementSync } from "node:sqlite";

/**
 * Opens an SQLite file with Node's interface, which bun offers too. Loaded on first use, because an idle agent
 * does not need it.
 */
export async function openDatabase(
  path: string,
  options: { isReadOnly?: boolean } = {},
): Promise<DatabaseSync> {
  const { DatabaseSync } = await import("node:sqlite");
  return new DatabaseSync(path, { readOnly: options.isReadOnly ?? false });
}
