/** What a mail that arrives from outside may cost. Beyond any of these it is refused, not read in part. */
export const reportLimits = {
  mailBytesMax: 32 * 1024 * 1024,
  headerBytesMax: 256 * 1024,
  /** Parts inside parts. */
  mimeDepthMax: 20,
  partsMax: 200,
  /** Mails inside mails that are still opened. */
  nestedMailsMax: 3,
  /** Readable text of one part; a bounce says what it has to say well before. */
  partTextCharsMax: 256 * 1024,
  /** A report after it was unpacked. */
  unpackedBytesMax: 64 * 1024 * 1024,
  /** Unpacked size as a multiple of the packed one. Reports of one line a thousand times over come near to this. */
  unpackRatioMax: 250,
  archiveEntriesMax: 16,
  /** Archives inside archives. */
  archiveDepthMax: 2,
  xmlDepthMax: 30,
  xmlTagsMax: 4_000_000,
} as const;
