import { isAscii } from "node:buffer";

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

/**
 * Gives each line that begins at `offset` or later, with the offset after it; the first chunk begins at splitFrom. An
 * offset within a line leaves the rest of it out.
 */
export function createLineSplitter(
  offset: number,
  onLine: (line: string, end: number) => void,
): LineSplitter {
  let at = splitFrom(offset);
  let rest: Buffer = Buffer.alloc(0);
  // The byte before a line ends the one before it.
  let isSkipping = offset > 0;

  /** The end of a line, which begins in what is left of the last chunk. */
  function finish(end: Buffer): void {
    at += end.length + 1;
    if (!isSkipping) {
      const bytes = Buffer.concat([rest, end]);
      at += rest.length;
      if (bytes.length <= lineMaxBytes) onLine(bytes.toString("utf8"), at);
    }
    rest = Buffer.alloc(0);
    isSkipping = false;
  }

  return {
    take(chunk) {
      let begin = 0;
      let end = chunk.indexOf(newline);
      if (end >= 0 && (isSkipping || rest.length > 0)) {
        finish(chunk.subarray(0, end));
        begin = end + 1;
        end = chunk.indexOf(newline, begin);
      }
      // Which both are the same there, and the one is read in half the time.
      const encoding = isAscii(chunk) ? "latin1" : "utf8";
      for (; end >= 0; end = chunk.indexOf(newline, begin)) {
        at += end + 1 - begin;
        if (end - begin <= lineMaxBytes) onLine(chunk.toString(encoding, begin, end), at);
        begin = end + 1;
      }
      const left = chunk.subarray(begin);
      isSkipping ||= rest.length + left.length > lineMaxBytes;
      if (isSkipping) at += rest.length + left.length;
      rest = isSkipping ? Buffer.alloc(0) : Buffer.concat([rest, left]);
    },
    get offset() {
      return Math.max(at, offset);
    },
  };
}
