/** What a mail that arrives from outside may cost. Beyond any of these it is refused, not read in part. */
export const reportLimits = {
  mailBytesMax: 16 * 1024 * 1024,
  headerBytesMax: 256 * 1024,
  /** Parts inside parts. */
  mimeDepthMax: 20,
  partsMax: 50,
  /** Lines that may part a mail; what is quoted in a letter has some hundreds. */
  partingLinesMax: 5000,
  /** Mails inside mails that are still opened. */
  nestedMailsMax: 2,
  /** Readable text of one part; a bounce says what it has to say well before. */
  partTextCharsMax: 256 * 1024,
  /** All reports of one mail after they were unpacked. */
  unpackedBytesMax: 16 * 1024 * 1024,
  /** Unpacked size as a multiple of the packed one; small files may always grow to the size of a usual report. */
  unpackRatioMax: 200,
  unpackedSmallBytesMax: 256 * 1024,
  archiveEntriesMax: 16,
  /** Archives inside archives. */
  archiveDepthMax: 2,
  tlsReportBytesMax: 4 * 1024 * 1024,
  /** One record of a DMARC report, and what stands around all records. */
  xmlPieceCharsMax: 256 * 1024,
  xmlDepthMax: 30,
} as const;
