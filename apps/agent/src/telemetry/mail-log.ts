import type { LogRecord } from "@mailstead/core/delivery";

/** Reads the log of a host's mail from where the last reading ended. */
export interface MailLog {
  /** Whose cursors these are: one log cannot go on from another's. */
  readonly source: string;
  /**
   * Gives each line since `cursor` that may tell of a message (null begins with what is logged from now on, and gives none) to `onRecord`, which may
   * ask for the cursor that goes on after it before the next one comes. Resolves with the last cursor. Throws when the
   * log cannot be read: lines that were given before stand.
   */
  read(
    cursor: string | null,
    onRecord: (record: LogRecord, readCursor: () => string) => void,
  ): Promise<string>;
}
