/** Pages of what to do when something is wrong. */
export const runbooks = {
  "nav.runbooks": "Runbooks",
  "runbooks.title": "Runbooks",
  "runbooks.lead": "What a finding means, how to see it, what to press, and how to know that it is over.",
  "runbooks.the-command": "command",
  "runbooks.contents": "On this page",
  "runbooks.shelf.receivers": "Receivers",
  "runbooks.shelf.senders": "What is sent, and what is said of it",
  "runbooks.shelf.domains": "Domains and their DNS",
  "runbooks.shelf.servers": "Servers",
  "runbooks.shelf.alerts": "Alerts",
} as const;
