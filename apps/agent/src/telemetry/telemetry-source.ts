import type { TelemetryStream } from "@mailstead/core/wire";

/** Something that a host tells of without being asked. */
export interface TelemetrySource {
  readonly stream: TelemetryStream;
  /** For the log, as the end of "… could not be read". */
  readonly what: string;
  readonly everyMs: number;
  /**
   * Reads on from what was kept, and keeps what it came to (keepStream). Returns how many batches were dropped because
   * nobody had taken them for long, and whether so much was there that the next turn is to come sooner. Whatever it
   * throws is logged, and the next turn reads again.
   */
  read(): Promise<{ dropped: number; isBusy?: boolean }>;
}
