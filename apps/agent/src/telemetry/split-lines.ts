import { isAscii } from "node:buffer";
import type { LogText } from "@mailstead/core/delivery";

const newline = 0x0a;
/** No line of syslog is as long; what is longer is passed over. */
export const lineMaxBytes = 64 * 1024;

/** Takes a file apart into its lines, chunk by chunk. */
export interface LineSplitter {
  /** The chunk may be written over afterwards. */
  take(chunk: Buffer): void;
  /** Where the file is read on: the end of the last whole line, or a place within one that is too long. */
  readonly offset: number;
}

/** Where reading must begin so that the lines from `offset` on are found. */
export const splitFrom = (offset: number): number => Math.max(0, offset - 1);

/** Lines of a file, and where in it the one that was given last ends. */
export interface FileLines extends LogText {
  readonly offset: number;
}

/**
 * Gives each line that begins at `offset` or later, as the part of a text from `begin` to `end`; the first chunk begins at
 * splitFrom. An offset within a line leaves the rest of it out.
 */
export function createLineSplitter(
  offset: number,
  onLine: (lines: FileLines, begin: number, end: number) => void,
): LineSplitter {
  let at = splitFrom(offset);
  let rest: Buffer = Buffer.alloc(0);
  // The byte before a line ends the one before it.
  let isSkipping = offset > 0;

  /** Gives the lines that end in a chunk, of which the first begins with it; returns where what is left begins. */
  function give(chunk: Buffer): number {
    const text = chunk.toString("latin1");
    // Which both are the same there, and the one is read in half the time.
    const encoding = isAscii(chunk) ? "latin1" : "utf8";
    const lines = { text, offset: at, own: (from: number, to: number) => chunk.toString(encoding, from, to) };
    let begin = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", begin)) {
      at += end + 1 - begin;
      lines.offset = at;
      if (end - begin <= lineMaxBytes) onLine(lines, begin, end);
      begin = end + 1;
    }
    return begin;
  }

  return {
    take(chunk) {
      let begin = 0;
      const end = isSkipping || rest.length > 0 ? chunk.indexOf(newline) : -1;
      if (end >= 0) {
        // The end of a line, which begins in what is left of the last chunk.
        begin = end + 1;
        if (isSkipping) at += begin;
        else give(Buffer.concat([rest, chunk.subarray(0, begin)]));
        rest = Buffer.alloc(0);
        isSkipping = false;
      }
      const fresh = chunk.subarray(begin);
      const isWithin = isSkipping || rest.length > 0;
      const left = isWithin ? fresh : fresh.subarray(give(fresh));
      isSkipping ||= rest.length + left.length > lineMaxBytes;
      if (isSkipping) at += rest.length + left.length;
      rest = isSkipping ? Buffer.alloc(0) : Buffer.concat([rest, left]);
    },
    get offset() {
      return Math.max(at, offset);
    },
  };
}
