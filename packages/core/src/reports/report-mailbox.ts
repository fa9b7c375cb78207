/**
 * Where reports arrive on a host: an address of the host itself, whose mail Postfix puts aside for the agent. It is no
 * mailbox of a person: no mail program reaches it, and what was told of is removed.
 */
export const reportMailbox = {
  localPart: "mailstead-reports",
  /** The account that writes the mails into the folder; no other service runs as it. */
  user: "mailstead-reports",
  /** A number that nothing in Debian gives out; where somebody has it, the host is not changed. */
  userId: 7489,
  folder: "/var/lib/mailstead-reports",
  /** A byte for each mail that found no room. */
  droppedFile: "dropped",
  /** Mails that lie there at most; receivers of one host send some hundreds a day. */
  mailsMax: 2000,
  kibibytesMax: 256 * 1024,
  /** A larger mail is no report that would be read. */
  mailKibibytesMax: 16 * 1024,
} as const;

/** The address for reports of a host. */
export function reportAddressOf(hostname: string): string {
  return `${reportMailbox.localPart}@${hostname}`;
}
