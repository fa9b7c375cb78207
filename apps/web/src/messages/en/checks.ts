/** Words of what the outside world sees of zones and hosts. */
export const checks = {
  "check.severity.error": "Error",
  "check.severity.warning": "Warning",
  "check.severity.instruction": "Advice",
  "check.evidence": "Who said what",
  "check.fix": "What to do:",
  "check.the-record": "the record",
  "check.zone": "Zone {zone}",
  "check.host": "Server {hostname}, seen from outside",
  "check.dnssec": "DNSSEC",
  "check.dnssec.none": "Not in use",
  "check.dnssec.secure": "Secure",
  "check.dnssec.bogus": "Bogus",
  "check.dnssec.unknown": "Not known",
  "check.zone-right": "Every name server answers, and they agree.",

  "outside.title": "Seen from outside",
  "outside.never": "Nobody has looked yet. A server is looked at daily once the mail stack is installed.",
  "outside.check": "Look now",
  "outside.right": "Names, ports and certificates are as receivers want them.",
  "outside.ptr": "Leads back to",
  "outside.helo": "Says in EHLO",
  "outside.certificate": "Certificate for",
  "outside.none": "No name",
  "outside.not-seen": "Not seen",
  "outside.no-route": "This machine has no way to IPv6, so the ports of this address were not looked at.",

  "home.finding-changes-more": { one: "Show 1 more", other: "Show {count} more" },
  "home.finding-changes": "Findings since yesterday",
  "home.finding-changes-none": "The checks found nothing new, and nothing was settled.",
  "home.finding-settled": "Settled",
  "home.finding-shared": { one: "{name} and {count} more", other: "{name} and {count} more" },

  "settings.digest": "Mail of what changed",
  "settings.digest-note":
    "Once a day, and only when the checks of your domains and servers found something new or settled.",
  "settings.digest-wanted": "Send me this mail",
  "settings.digest-cannot":
    "This installation sends no mail: MAIL_URL and MAIL_FROM are not set. Home shows what changed all the same.",
} as const;
