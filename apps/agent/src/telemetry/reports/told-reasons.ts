/**
 * All that is ever told of why a mail was not read, with # for a number. Readers also name the place in a mail where they
 * stumbled: addresses, words of a letter. That stays on the host.
 */
const sentences = [
  "a bounce",
  "a mail that carries no report",
  "the archive holds archives inside archives",
  "the archive is damaged",
  "the file is neither XML nor JSON",
  "the mail cannot be read",
  "the mail cannot be taken apart",
  "the mail has # bytes, more than are read",
  "the mail is larger than is read, or no plain file",
  "the report breaks off within a record",
  "the report cannot be read",
  "the report covers more than a month",
  "the report declares a document type, which no DMARC report has",
  "the report ends before it begins",
  "the report holds no feedback",
  "the report holds too much outside its records",
  "the report is empty",
  "the report is no XML",
  "the report is of the future",
  "the report is too old to count",
  "the report names no domain in policy_published",
  "the report names no domain",
  "the report names no time in date_range",
  "the report tells no time",
  "the TLS report has # bytes, more than are read",
  "the TLS report is not as RFC # says",
  "the zip archive is not read: a file in it is cut off",
  "the zip archive is not read: a file in it is missing",
  "the zip archive is not read: it holds # files, more than the # that are read",
  "the zip archive is not read: it is encrypted",
  "the zip archive is not read: it is packed by method #, which is not read",
  "the zip archive is not read: its directory is damaged",
  "the zip archive is not read: its directory is missing",
  "unpacked it is larger than the # bytes that are read, or many times its packed size",
] as const;

const patterns = sentences.map((sentence) => new RegExp(`^${sentence.replaceAll("#", "\\d{1,12}")}`));

/** The sentence of ours that a reason begins with, without what follows it. */
export function toldReason(why: string): string {
  for (const pattern of patterns) {
    const [told] = pattern.exec(why) ?? [];
    if (told !== undefined) return told;
  }
  return "the mail cannot be read";
}
