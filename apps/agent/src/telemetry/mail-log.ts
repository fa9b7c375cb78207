import type { LogRecord } from "@mailstead/core/delivery";

/**
 * Where reading begins: after a cursor; with null at what is logged from now on; or with what was logged after a time (milliseconds
 * since 1970), where the mail was logged elsewhere up to then.
 */
export type LogStart = string | null | { readonly afterMs: number };

/**
 * Whether a line may have been logged after a time, where the other log ended. Postfix tells whole seconds in a file of its own and
 * parts of them to the journal, so that all lines of that second may: it writes to one of both at a time.
 */
export function isLogged(at: number, { afterMs }: { readonly afterMs: number }): boolean {
  return at >= Math.floor(afterMs / 1000) * 1000;
}

/** Reads the log of a host's mail from where the last reading ended. */
export interface MailLog {
  /** Whose cursors these are: one log cannot go on from another's. */
  readonly source: string;
  /**
   * Gives each line since `start` that may tell of a message (none for null) to `onRecord`, which may
   * ask for the cursor that goes on after it before the next one comes. Resolves with the last cursor. Throws when the
   * log cannot be read: lines that were given before stand.
   */
  read(start: LogStart, onRecord: (record: LogRecord, readCursor: () => string) => void): Promise<string>;
}
