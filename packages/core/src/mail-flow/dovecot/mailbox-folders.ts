/** Folders that every mailbox has from its first sign-in on, with their RFC 6154 use. */
export const specialUseFolders = [
  { name: "Drafts", use: "\\Drafts" },
  { name: "Sent", use: "\\Sent" },
  { name: "Junk", use: "\\Junk" },
  { name: "Trash", use: "\\Trash" },
  { name: "Archive", use: "\\Archive" },
] as const;

/** A warning goes out once, when a mailbox grows past this part of its quota. */
export const quotaWarningPercent = 90;

export const overQuotaReply = "552 5.2.2 Mailbox is full";
