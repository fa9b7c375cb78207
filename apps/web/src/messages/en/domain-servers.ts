/** The servers of a domain and what each is for. */
export const domainServers = {
  "domain-servers.title": "Servers",
  "domain-servers.lead": "One holds the mailboxes. Others can take mail while it is away, or send.",
  "domain-servers.add": "Add a server",
  "domain-servers.add-title": "Add a server to {name}",
  "domain-servers.add-lead":
    "New records appear on this page, with a warning until the server knows the domain. Publish them then, and the world uses it.",
  "domain-servers.server": "Server",
  "domain-servers.role": "What it does",
  "domain-servers.none-left": "This customer has no other server that could help. Add one first.",
  "domain-servers.change": "Change what {name} does",
  "domain-servers.role.home": "Holds the mailboxes, receives and sends",
  "domain-servers.role.mx": "Receives too, and hands on",
  "domain-servers.role.backup-mx": "Backup: receives while no other answers",
  "domain-servers.role.outbound": "Sends all mail of the domain",
  "domain-servers.role.sender": "Sends what is handed in there",
  "domain-servers.hint.mx":
    "Senders are spread over both. Mail for addresses that do not exist is refused; the rest goes on to the mailboxes, and waits here while their server is away.",
  "domain-servers.hint.backup-mx":
    "Senders come here only when they reach no other. Mail for addresses that do not exist is refused; the rest waits for up to five days.",
  "domain-servers.hint.outbound":
    "The server with the mailboxes hands its outgoing mail to this one. People and programs may sign in here to send, too.",
  "domain-servers.hint.sender":
    "For newsletters and programs: they sign in here with a mailbox’s address and password, and do not touch the reputation of the other server.",
  "domain-servers.leaving":
    "Leaves: it goes on until no name server has named it for two days. Take its records out of the DNS.",
  "domain-servers.remove": "Take off",
  "domain-servers.keep": "Keep it",
  "domain-servers.remove-title": "Take {server} off {name}?",
  "domain-servers.remove-receiver":
    "Its MX record is no longer wanted from now on; remove it from the DNS. Until the world has forgotten it, {server} goes on taking mail and hands it on. Nothing is lost.",
  "domain-servers.remove-sender":
    "No mail of the other servers goes through it any more. After two days nobody can send there either; the records of its keys stay for a week more, so that all its mail can be verified.",
} as const;
