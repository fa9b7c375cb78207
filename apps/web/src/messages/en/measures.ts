/** What is done about receivers: measures, warm-ups and smarthosts. */
export const measures = {
  "measures.title": "Measures in force",
  "measures.lead": "What this server does for a time about receivers that slow its mail down or refuse it.",
  "measures.none": "No measure is in force. Mail leaves for every receiver as it comes.",
  "measures.kind.back-off": "Back off",
  "measures.kind.throttle": "Send slower",
  "measures.kind.relay": "Send through the smarthost",
  "measures.kind.prefer-ipv4": "Prefer IPv4",
  "measures.about": "{kind}: {provider}",
  "measures.holds": "Mail waits in the queue.",
  "measures.pace": "{connections} at once at most, {seconds} s between messages.",
  "measures.connections": {
    one: "{count} connection at once at most.",
    other: "{count} connections at once at most.",
  },
  "measures.started": "Started by {who}:",
  "measures.automatic": "Started by itself:",
  "measures.prolonged": "Prolonged once.",
  "measures.until": "Ends by itself",
  "measures.ended.accepted": "Ended: the receiver accepts mail again",
  "measures.ended.expired": "Ended: its time was over",
  "measures.ended.person": "Ended by a person",
  "measures.end": "End",
  "measures.end-named": "End: {kind}, {provider}",
  "measures.end-title": "End “{kind}” for {provider}?",
  "measures.end-consequence":
    "Mail to {provider} leaves as all other mail does, as soon as the server has taken the change up. What waits for it in the queue is tried again by itself.",
  "measures.end-while-others":
    "Mail to {provider} then leaves as the other measures say that are in force: {others}. The server follows as soon as it has taken the change up.",
  "measures.help": "What can be done",
  "measures.help-note": "Each measure is about this receiver only, and ends by itself.",
  "measures.in-force": "In force",
  "measures.start-title": "{kind} for {provider}?",
  "measures.start": "Start",
  "measures.reason": "Reason",
  "measures.reason-hint": "For whoever reads it later.",
  "measures.does.back-off":
    "Mail to {provider} waits in the queue for ten minutes. Then it leaves over one connection, and over one more every ten minutes while {provider} accepts it. As soon as it pushes mail back, it waits again. Other mail is not touched.",
  "measures.does.throttle":
    "Mail to {provider} leaves over two connections at most, with five seconds between messages and five recipients in each. It takes longer to arrive. Other mail is not touched.",
  "measures.does.relay":
    "Mail to {provider} leaves through the server’s standby smarthost, from its addresses and under its rules. SPF and DKIM of your domains must allow it. Mail of senders with a relay of their own stays there.",
  "measures.does.prefer-ipv4":
    "Mail to {provider} leaves from the server’s IPv4 address wherever {provider} has one. This helps where the IPv6 address has no reverse name or a bad reputation.",
  "measures.ends-after":
    "It ends by itself after {hours} hours. Before that a person ends it, on the server’s page.",
  "measures.ends-when-accepted":
    "It ends by itself once the receiver accepts mail as before, and after {hours} hours at the latest.",
  "measures.on-servers": {
    one: "It is started on {count} server.",
    other: "It is started on {count} servers at once.",
  },
  "measures.needs-standby":
    "This needs a standby smarthost; set one in the server’s settings under Smarthosts first.",
  "warm-up.title": "Warm-up of {address}",
  "warm-up.begin-title": "Warm-up",
  "warm-up.begin-lead":
    "A new address has no name with receivers. A warm-up lets little mail to the large ones leave at first, and more from day to day. A server sends from one address of each family, so the whole server is held to the stages of the new one.",
  "warm-up.begin": "Start warm-up",
  "warm-up.begin-consequence":
    "From {address}, and every other address of this server, fifty messages a day leave for each large receiver at first; what is more waits in the queue. A day on which enough was accepted doubles that, or adds half at Microsoft. Refusals take it back a step.",
  "warm-up.begin-named": "Start the warm-up of {address}",
  "warm-up.lead": "{perDay} messages a day, step {stage} of {stages}",
  "warm-up.done": "Done",
  "warm-up.because.started": "Just begun.",
  "warm-up.because.enough-accepted": "Went on: enough was accepted.",
  "warm-up.because.refused": "Went back: the receiver pushed mail back.",
  "warm-up.because.not-enough-mail": "Waits: not enough mail was sent to judge.",
  "warm-up.pause": "Pause",
  "warm-up.resume": "Go on",
  "warm-up.paused": "Paused at its steps",
  "warm-up.end": "End",
  "warm-up.end-title": "End the warm-up of {address}?",
  "warm-up.end-consequence": "Mail to every receiver then leaves as it comes, however much it is.",
  "smarthosts.title": "Smarthosts for receivers",
  "smarthosts.lead":
    "Where mail goes because of who receives it: a domain, all of a provider’s domains, or nothing until a measure needs it. This goes before relays by sender for a domain, and after them for a provider.",
  "smarthosts.to": "For",
  "smarthosts.to.domain": "One domain",
  "smarthosts.to.standby": "Standby, for measures",
  "smarthosts.domain": "Receiver’s domain",
  "smarthosts.percent": "Share of recipients",
  "smarthosts.direct": "Send directly, whatever relay there is",
  "smarthosts.automatic": "Relay a provider here by itself, for a day, when it blocks this server",
  "smarthosts.preset": "Service",
  "smarthosts.preset.none": "Another one",
  "smarthosts.add": "Add smarthost",
  "smarthosts.remove": "Remove the smarthost for {to}",
  "smarthosts.test": "Test from the server",
  "smarthosts.testing": "The server is trying it.",
  "smarthosts.test-failed": "The test could not be run: {problem}",
  "smarthosts.untested": "Use it without a test; that is recorded",
  "smarthosts.saved-waiting": "Saved. It takes effect once the server has tried it.",
  "smarthosts.change.running":
    "The server is trying what was saved. Mail goes as before until that has succeeded.",
  "smarthosts.change.failed":
    "What was saved is not in effect, because its test did not succeed. Mail goes as before.",
  "smarthosts.change.again": "The server tries it again by itself",
  "smarthosts.change.by": "Saved by {name}",
  "smarthosts.change.test-again": "Test again",
  "smarthosts.change.use-untested": "Use it untested",
  "smarthosts.change.discard": "Discard",
  "smarthosts.spf":
    "{include} is planned into the SPF records of the domains of this server. Enter what the service shows for DKIM and bounces in each domain’s mail settings, under Records of your sending service; it is published and checked from there.",
  "smarthosts.preset.mailgun.user": "postmaster@ and your sending domain",
  "smarthosts.preset.mailgun.todo":
    "Add the sending domain at Mailgun and publish the DKIM record that it shows; use the SMTP password of that domain, not the API key.",
  "smarthosts.preset.mailgun-eu.user": "postmaster@ and your sending domain",
  "smarthosts.preset.mailgun-eu.todo":
    "Add the sending domain at Mailgun in the EU region and publish the DKIM record that it shows; use the SMTP password of that domain, not the API key.",
  "smarthosts.preset.postmark.user": "The access key of an SMTP token; its secret key is the password",
  "smarthosts.preset.postmark.todo":
    "Verify the sending domain at Postmark, publish its DKIM and Return-Path records, and make an SMTP token in the settings of the message stream; the server’s API token would be shown here as the user name. Postmark takes no bulk mail on its transactional stream.",
  "smarthosts.preset.ses.user": "The SMTP user name made in the SES console",
  "smarthosts.preset.ses.todo":
    "Verify the sending domain in the same region, publish the three DKIM records, and have the account taken out of the sandbox. Put your region into the host name.",
} as const;
