/** The servers of a domain and what each is for, and how its mail is stopped and started. */
export const domainServers = {
  "domain-servers.title": "Servers",
  "domain-servers.lead": "One holds the mailboxes. Others take mail while it is away, or send.",
  "domain-servers.add": "Add a server",
  "domain-servers.add-title": "Add a server to {name}",
  "domain-servers.add-lead":
    "Its records appear on this page, with a warning until it knows the domain. Publish them after that.",
  "domain-servers.server": "Server",
  "domain-servers.role": "What it does",
  "domain-servers.none-left": "This customer has no other server that could help. Add one first.",
  "domain-servers.change": "Change what {name} does",
  "domain-servers.become": "Change to {role}",
  "domain-servers.name.home": "Home",
  "domain-servers.name.mx": "MX",
  "domain-servers.name.backup-mx": "Backup MX",
  "domain-servers.name.outbound": "Outbound",
  "domain-servers.name.sender": "Sender",
  "domain-servers.does.home": "Holds the mailboxes, receives and sends",
  "domain-servers.does.home-receives": "Holds the mailboxes and receives",
  "domain-servers.does.mx": "Receives beside the home",
  "domain-servers.does.backup-mx": "Receives while no other answers",
  "domain-servers.does.outbound": "All mail leaves through it",
  "domain-servers.does.outbound-next": "Stands in when {first} does not answer",
  "domain-servers.does.sender": "Sends what is handed in there",
  "domain-servers.hint.mx":
    "Senders use both alike. It refuses addresses that do not exist, and keeps the rest while the home is away.",
  "domain-servers.hint.backup-mx":
    "Senders come here only when they reach no other. It keeps their mail for up to five days.",
  "domain-servers.hint.outbound":
    "The home hands its outgoing mail to it. Several stand in for each other, in the order in which they were added.",
  "domain-servers.hint.sender":
    "For newsletters and programs: they sign in here, and the home’s reputation is not touched.",
  "domain-servers.leaving": "Leaving",
  "domain-servers.leaving-receiver": "Goes on until no name server has named it for two days.",
  "domain-servers.leaving-sender": "Sends on for two days.",
  "domain-servers.remove": "Take off",
  "domain-servers.keep": "Keep it",
  "domain-servers.keep-named": "Keep {name}",
  "domain-servers.remove-title": "Take {server} off {name}?",
  "domain-servers.remove-receiver":
    "It goes on taking mail and hands it on until the world has forgotten it. Nothing is lost.",
  "domain-servers.remove-sender":
    "The home no longer sends through it. After two days nobody can send there any more.",

  "record-change.title": "Its DNS records",
  "record-change.none": "No DNS record changes.",
  "record-change.going-now": { one: "{count} leaves now", other: "{count} leave now" },
  "record-change.coming-now": { one: "{count} comes now", other: "{count} come now" },
  "record-change.going-later": {
    one: "{count} leaves once it has left",
    other: "{count} leave once it has left",
  },
  "record-change.coming-later": {
    one: "{count} comes once it has left",
    other: "{count} come once it has left",
  },
  "record-change.keys": {
    one: "{count} DKIM key leaves 7 days after that, when no mail is on its way any more",
    other: "{count} DKIM keys leave 7 days after that, when no mail is on its way any more",
  },
  "record-change.own-name": "What stands under the server’s own name stays.",
  "record-change.hosted": "The zone is hosted here, and Mailstead changes it by itself.",
  "record-change.connected":
    "Publish the domain’s records afterwards; you see the difference before anything is written.",
  "record-change.by-hand": "Change them where the domain’s DNS is.",

  "stop-mail.action": "Stop its mail",
  "stop-mail.title": "Stop the mail of {name}?",
  "stop-mail.consequence":
    "Mail to it is refused, nobody sends in its name, and its records say so. Its settings stay for when it has mail again, and what lies on the servers’ disks stays there.",
  "stop-mail.senders": "These send in its name by its settings, and receivers will refuse them: {senders}.",
  "start-mail.action": "Give it mail",
  "start-mail.title": "Give {name} mail",
  "start-mail.lead":
    "It gets new DKIM keys and the settings it had. Publish its records when the server has made the keys.",
  "start-mail.server": "Server with its mailboxes",
  "start-mail.none": "This customer has no server that could hold its mailboxes. Add one first.",
  "without-mail.title": "Forged mail",
  "without-mail.lead": "Receivers are told to refuse all mail that claims to be from this domain.",
} as const;
