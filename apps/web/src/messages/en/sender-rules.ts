/** What providers ask of senders, and whether a domain does it. */
export const senderRules = {
  "sender-rules.title": "Sender rules",
  "sender-rules.lead":
    "What providers ask of who sends to them, and what was measured of this domain’s mail in 30 days.",
  "sender-rules.rule": "Rule",
  "sender-rules.source": "The rules of {provider}, on its own page",
  "sender-rules.state.met": "Met",
  "sender-rules.state.near-limit": "Kept, near the limit",
  "sender-rules.state.not-met": "Not met",
  "sender-rules.state.not-enough-data": "Not enough data",
  "sender-rules.state.does-not-apply": "Does not apply",
  "sender-rules.state.not-asked": "Not asked",

  "sender-rules.all": "Every rule of every provider, with what was measured",
  "sender-rules.count.none": "None measured",
  "sender-rules.count.not-met": { one: "1 not met", other: "{count} not met" },
  "sender-rules.count.met": { one: "1 met", other: "{count} met" },
  "sender-rules.volume": "Most messages on a day",
  "sender-rules.volume.none": "Nothing sent there yet",
  "sender-rules.volume.bulk": "Bulk sender from {from} a day",
  "sender-rules.volume.below": "Below {from}, so rules for bulk senders do not apply",
  "sender-rules.volume.no-number": "No number is named, so all rules apply",

  "sender-rules.rule.spf-or-dkim": "SPF or DKIM",
  "sender-rules.rule.spf": "SPF",
  "sender-rules.rule.dkim": "DKIM",
  "sender-rules.rule.key-size": "DKIM key of 1024 bits, better 2048",
  "sender-rules.rule.dmarc": "DMARC record",
  "sender-rules.rule.alignment": "From is of the proven domain",
  "sender-rules.rule.reverse-name": "Reverse name and greeting",
  "sender-rules.rule.tls": "TLS",
  "sender-rules.rule.one-click": "One-click unsubscribe",
  "sender-rules.rule.unsubscribe": "A way to unsubscribe",
  "sender-rules.rule.format": "Built as RFC 5322 says",
  "sender-rules.rule.own-from": "From is not of gmail.com",
  "sender-rules.rule.complaints": "Complaints below 0.3 %, better 0.1 %",

  "sender-rules.measured.share": "{count} of {of} ({percent} %)",
  "sender-rules.measured.told": {
    one: "{from} to {until} % on one day, as the provider tells",
    other: "{from} to {until} % on {count} days, as the provider tells",
  },
  "sender-rules.measured.told-exactly": {
    one: "{percent} % on one day, as the provider tells",
    other: "{percent} % on {count} days, as the provider tells",
  },
  "sender-rules.measured.record.right": "The record is right",
  "sender-rules.measured.record.wrong": "The record is missing or wrong",
  "sender-rules.measured.key-bits": "{bits} bits",
  "sender-rules.measured.hosts-right": "Names and addresses agree",
  "sender-rules.measured.host-problem": "They do not agree",
  "sender-rules.measured.unchecked": "Not checked yet",
  "sender-rules.measured.no-mail": "No mail was counted",
  "sender-rules.measured.no-bulk-mail": "No bulk mail was seen, and other mail needs none",
  "sender-rules.measured.no-key": "No RSA key signs",
  "sender-rules.measured.no-link-seen": "Not measured: a link in the text is seen by nobody here",
  "sender-rules.measured.own-from": "By the domain’s name; other names in From count against alignment",
  "sender-rules.measured.no-feed.gmail": "Not measured yet: connect Google Postmaster Tools",
  "sender-rules.measured.no-feed.yahoo": "Not measured yet: join Yahoo’s complaint feedback loop",

  "sender-rules.to-do": "What to do",
  "sender-rules.fix.spf-or-dkim":
    "Publish the SPF and DKIM records of the domain; one of them must pass for any mail to be taken.",
  "sender-rules.fix.spf": "Publish the SPF record that the domain’s page shows.",
  "sender-rules.fix.dkim": "Publish the DKIM records, and see on the keys page that one of the keys signs.",
  "sender-rules.fix.key-size": "Replace the key by one of 2048 bits.",
  "sender-rules.fix.dmarc":
    "Publish the DMARC record that the domain’s page shows; p=none is enough to begin with.",
  "sender-rules.fix.alignment":
    "Some mail goes out with a From address of another domain than it is signed for: have that program write as an address of this domain.",
  "sender-rules.fix.reverse-name":
    "Have the name of the server and the reverse name of its addresses lead to each other.",
  "sender-rules.fix.tls":
    "Mail left in the clear: see in the server’s settings that it offers TLS to everybody and no override takes that away.",
  "sender-rules.fix.one-click":
    "Have the program that writes newsletters set List-Unsubscribe with an https address and List-Unsubscribe-Post: List-Unsubscribe=One-Click (RFC 8058). The server signs both.",
  "sender-rules.fix.unsubscribe":
    "Have the program that writes newsletters put a way to unsubscribe into each of them.",
  "sender-rules.fix.format":
    "A program writes mail with a header that is missing or there twice; the filter’s reasons name it. Have that program mended.",
  "sender-rules.fix.own-from": "Write as an address of a domain of your own.",
  "sender-rules.fix.complaints":
    "Send only to people who asked for it, and take off whoever complains or has not read for long.",
  "sender-rules.link.records": "DNS records",
  "sender-rules.link.keys": "DKIM keys",
  "sender-rules.link.server": "Server",
  "sender-rules.link.settings": "Settings of the server",
} as const;
