/** Mailboxes that send unlike themselves, and holding them. */
export const accounts = {
  "accounts.title": "Accounts that need a look",
  "accounts.lead":
    "Mailboxes that send unlike themselves, as each server has learned it, and those that are held.",
  "accounts.on": "on {server}",
  "accounts.hold": "Hold",
  "accounts.hold-of": "Hold {address}",
  "accounts.release": "Release",
  "accounts.release-of": "Release {address}",
  "accounts.let-go-on": "They sent this",
  "accounts.hold-title": "Hold {address}?",
  "accounts.hold-consequence":
    "It can send nothing more, and what of it waits in the queue stays there. It still receives. Releasing it undoes both.",
  "accounts.release-title": "Let {address} send again?",
  "accounts.release-consequence":
    "What was held of it leaves the server at once. Make sure that the mailbox has a new password, and that what its owner did not write is deleted from the queue.",
  "accounts.let-go-on-consequence":
    "The alert ends, and what was sent since it began counts as usual from tomorrow on.",
  "accounts.waits.hold-account": "A hold is asked for; the server has yet to carry it out",
  "accounts.waits.release-account": "A release is asked for; the server has yet to carry it out",
  "accounts.waits.let-go-on": "“They sent this” is said; the server has yet to hear of it",
  "mailbox.hold": "Hold sending",
  "mailbox.hold-title": "Hold what {address} sends?",
  "mailbox.hold-consequence":
    "It can send nothing more on any server of its domain, and what of it waits in the queue stays there. It still receives. The server’s Deliverability tab and this page show it, and release it.",
  "server-settings.stolen-accounts": "Hold stolen accounts at once",
  "server-settings.stolen-accounts-hint":
    "When a mailbox surely sends as stolen ones do, the server holds it by itself. Without this it only tells you.",
} as const;
