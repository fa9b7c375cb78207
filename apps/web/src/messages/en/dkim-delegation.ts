/** Words of the slice of delegated DKIM names. */
export const dkimDelegation = {
  "delegation.title": "Delegated names",
  "delegation.lead":
    "With a few aliases (CNAME) that are published once, every later key takes its place without anybody touching the domain’s DNS again.",
  "delegation.delegate": "Delegate the names",
  "delegation.begin": "DKIM keys",
  "delegation.begin.own": "In the DNS of the domain",
  "delegation.begin.own.hint": "Every later key needs a new record there.",
  "delegation.begin.aliases": "Behind aliases (CNAME) that are published once",
  "delegation.begin.aliases.hint": "No later key ever needs the DNS of the domain again.",
  "delegation.keep": "Stop delegating",
  "delegation.check": "Check now",
  "delegation.paste": "Publish these once in the DNS of the domain, and leave them there.",
  "delegation.the-aliases": "the aliases",
  "delegation.standing.no-zone":
    "Not possible yet: an admin says in the settings in which zone delegated names lie.",
  "delegation.standing.own":
    "Not delegated. Each rotation publishes its keys in the DNS of the domain. First keys that do not sign yet would move behind the aliases at once.",
  "delegation.standing.ending":
    "No longer delegated from the next rotation on. Leave the aliases until the last key behind them is gone.",
  "delegation.standing.unseen": {
    one: "{count} alias is not seen on every name server yet.",
    other: "{count} aliases are not seen on every name server yet.",
  },
  "delegation.standing.ready": "All aliases are seen. The next rotation puts its keys behind them.",
  "delegation.standing.working": "Keys stand behind the aliases.",
  "delegation.zone": "Zone of delegated DKIM names",
  "delegation.zone.lead":
    "Domains may hand their DKIM names over to one below this name. Those that did so before stay where they are.",
  "delegation.zone.name": "Name below which they lie",
  "delegation.zone.hint": "In a zone that Mailstead can write to: {zones}",
  "delegation.zone.none": "Host a zone or connect a DNS provider for all customers first.",
  "delegation.zone.save": "Save",
} as const;
