import type { ProviderId, ReplyCategory } from "../delivery/index.ts";
import type { FindingMeasure, measureKinds } from "./finding-details.ts";

export interface Advice {
  /** What it does to mail, in a sentence. */
  readonly why: string;
  readonly steps: readonly string[];
  readonly measure?: (typeof measureKinds)[number];
}

const stopCause =
  "Look in the queue and in the log who sends more than usual; a guessed password or a hijacked form is the usual cause. Stop it first.";
const watch = "Watch this finding: it closes by itself once mail has been delivered again.";
const keepSending = "Do not retry by hand and do not move to a new address: both make it worse.";

const ofCategory: Readonly<Partial<Record<ReplyCategory, Advice>>> = {
  "ip-reputation": {
    why: "The receiver holds what it has seen from this address against all mail that comes from it.",
    steps: [
      stopCause,
      "Check that the address stands on no block list and that its reverse name leads back.",
      "Ask the receiver by its form to look at the address again, with the reply below.",
      "Until it has answered, send this receiver's mail through a relay.",
      watch,
    ],
    measure: "relay",
  },
  "ip-blocklist": {
    why: "The receiver refuses whatever stands on a public block list, and this address does.",
    steps: [
      stopCause,
      "Open the page of the list that the reply names and read why the address is on it.",
      "Mend that, then ask for removal there. Asking before mending makes the next listing longer.",
      "Until it is gone, send this receiver's mail through a relay.",
      watch,
    ],
    measure: "relay",
  },
  "domain-reputation": {
    why: "The receiver holds what it has seen of this domain against all its mail, from whatever address.",
    steps: [
      stopCause,
      "Find out which mail people mark as spam: newsletters without consent, forwarded spam, forms on the web site.",
      "Stop that mail, or move it to a subdomain of its own with its own keys.",
      "Send only what people wait for until the domain is taken again; that needs days.",
      watch,
    ],
    measure: "throttle",
  },
  "domain-blocklist": {
    why: "The receiver refuses whatever a public list of domains names, and this domain stands there.",
    steps: [
      "Look whether the web site of the domain was broken into or links to something bad; that is the usual cause.",
      "Mend it, then ask the list that the reply names for removal.",
      watch,
    ],
  },
  "rate-limit": {
    why: "The receiver takes mail more slowly than the server sends it. Mail arrives late, and refusals follow if nothing changes.",
    steps: [
      stopCause,
      "Slow down: start the measure, which pauses and then raises the pace step by step.",
      "If people send a mailing, spread it over hours.",
      watch,
    ],
    measure: "throttle",
  },
  "content-spam": {
    why: "The receiver takes the server's mail in general and refuses these messages for what they hold.",
    steps: [
      "Look in the log which mailboxes sent the refused messages.",
      "If they did not write them, change the password of the mailbox and end its sessions.",
      "If they did, look at links, attachments and shortened addresses in that mail.",
      watch,
    ],
  },
  "content-virus": {
    why: "The receiver found something harmful in the server's mail.",
    steps: [
      "Look in the log which mailbox sent it, change its password and have the person's computer looked at.",
      "Check that the scan for viruses is on for what people send.",
      watch,
    ],
  },
  "auth-none": {
    why: "The receiver takes no mail that proves its sender by neither SPF nor DKIM.",
    steps: [
      "Open the domain's records and publish what is missing.",
      "Check that the server signs: its page says whether the DKIM key is there.",
      "Check that the mail leaves from an address that the SPF record names, IPv6 as well.",
      watch,
    ],
  },
  "auth-spf": {
    why: "The SPF record of the domain does not name the address that the mail came from.",
    steps: [
      "Open the domain's records: the SPF record must name every address of its servers, IPv6 as well, within ten look-ups.",
      "If the mail was forwarded, the receiver judges the forwarder: have the forwarded address fetch its mail instead.",
      watch,
    ],
  },
  "auth-dkim": {
    why: "The signature does not match the key that the domain publishes.",
    steps: [
      "Open the domain's keys: the key in the DNS must be the one that the server signs with.",
      "If something changes mail after it is signed, such as a footer, have it do so before.",
      "If the key was rotated a moment ago, go back to the one before.",
      watch,
    ],
  },
  alignment: {
    why: "SPF and DKIM prove another domain than the one that people read in the From line.",
    steps: [
      "Check that the domain in From has its own DKIM key on this server.",
      "If a service sends in the name of the domain, have it sign with the domain's own name.",
      watch,
    ],
  },
  "dmarc-missing": {
    why: "The receiver asks for a DMARC record and there is none.",
    steps: ["Open the domain's records and publish the DMARC record that is planned there.", watch],
  },
  "dmarc-policy": {
    why: "The domain itself asks receivers to refuse mail that fails DMARC, and this mail fails it.",
    steps: [
      "Open the domain's records: SPF and DKIM must be right for this server.",
      "If a reply speaks of DNS failures, check that all name servers of the domain answer.",
      "If a service sends in the name of the domain, add it or have it sign; until then p=none lets its mail through.",
      watch,
    ],
  },
  rdns: {
    why: "The receiver takes no mail from an address whose reverse name is missing or does not lead back.",
    steps: [
      "In the panel of the server's provider, set the reverse name of the address to the host name of the server, for IPv4 and for IPv6.",
      "If it cannot be set for IPv6, have the server prefer IPv4.",
      watch,
    ],
    measure: "prefer-ipv4",
  },
  helo: {
    why: "The receiver does not believe the name that the server greets with.",
    steps: ["Check that the host name of the server leads to its address and is its reverse name.", watch],
  },
  "tls-required": {
    why: "The receiver takes mail over TLS only.",
    steps: ["Check the server's TLS settings for what it sends; opportunistic TLS is the least.", watch],
  },
  "tls-failure": {
    why: "No protected connection to the receiver comes about, so mail waits and then comes back.",
    steps: [
      "Read in the reply which policy fails: MTA-STS, DANE or the certificate. Mostly the receiver has to mend it.",
      "Tell the receiver's postmaster. If mail cannot wait, make an exception from TLS for it, with an end.",
    ],
  },
  "unknown-user": {
    why: "Much mail goes to mailboxes that do not exist. Receivers take that for guessing of addresses.",
    steps: [
      "Find out who sends to old lists and have the addresses that came back removed.",
      stopCause,
      watch,
    ],
  },
  "smtp-auth": {
    why: "The relay does not take the name and password that the server shows it, or lets its account not send for this sender.",
    steps: [
      "Where its words name a domain, an address or the account, put that right at the relay's service: verify the domain there, and have the account opened.",
      "Else open the server's relays and type the credentials anew.",
      "Send a test from there.",
      watch,
    ],
  },
  "relay-denied": {
    why: "The receiver's server says that it is not responsible for these domains, so their mail comes back.",
    steps: [
      "Check with the receiver that their MX records are right.",
      "If it is a relay of yours, check that it knows this server.",
    ],
  },
  "dns-failure": {
    why: "The name of the receiver cannot be looked up, so mail waits.",
    steps: [
      "Check the server's resolver on its page.",
      "If only one receiver is concerned, its name servers fail; wait.",
    ],
  },
  connection: {
    why: "The receiver cannot be reached, so mail waits and comes back after days.",
    steps: [
      "If it is so for all receivers, ask the server's provider whether port 25 is closed.",
      "If only for this one, it is down or shuts the address out; try IPv4 alone.",
      watch,
    ],
    measure: "prefer-ipv4",
  },
  "routing-loop": {
    why: "Mail goes round in circles until it is given up.",
    steps: ["Check forwards and MX records of the domain in the reply: two servers send it to each other."],
  },
};

const otherwise: Advice = {
  why: "The receiver does not take this mail.",
  steps: ["Read the reply below, which names what it asks for.", keepSending, watch],
};

const ofProvider: Readonly<
  Partial<Record<ProviderId, Readonly<Partial<Record<ReplyCategory, Partial<Advice>>>>>>
> = {
  gmail: {
    "rate-limit": {
      steps: [
        stopCause,
        "Start the back-off: it stops mail to Gmail for ten minutes, then opens one connection, then one more at a time, as Google asks for.",
        "If people send a mailing, have them stop it and ask only those who wanted it.",
        watch,
      ],
      measure: "back-off",
    },
    "ip-reputation": {
      steps: [
        stopCause,
        "Start the back-off; Gmail has no form that lifts such a block, only time without unwanted mail does.",
        "Send mail to Gmail through a relay until the address has earned a name.",
        watch,
      ],
      measure: "back-off",
    },
    "content-spam": { measure: "back-off" },
  },
  outlook: {
    "ip-reputation": {
      steps: [
        stopCause,
        "Ask Microsoft by the form at olcsupport.office.com, with the whole reply below, to take the address off its list. It is answered within a day or two; a first answer that nothing was detected is automatic, so reply to it and ask for a person.",
        "Until then, send mail to Outlook.com through a relay.",
        "Register the address at SNDS, so that you see next time before it is blocked.",
        watch,
      ],
    },
  },
  microsoft365: {
    "ip-reputation": {
      steps: [
        stopCause,
        "Ask Microsoft at sender.office.com to take the address off its list; it is mostly done within an hour.",
        "Until then, send mail to Microsoft 365 through a relay.",
        watch,
      ],
    },
  },
  yahoo: {
    "ip-reputation": {
      steps: [
        stopCause,
        "Slow down to Yahoo and AOL. TSS04 ends by itself once fewer people complain; a 553 or 554 asks for the form at senders.yahooinc.com.",
        "Enrol the domain in Yahoo's complaint feedback loop, so that you see who complains.",
        watch,
      ],
      measure: "throttle",
    },
    "rate-limit": { measure: "throttle" },
  },
  "t-online": {
    "ip-reputation": {
      why: "T-Online takes mail only from hosts that it knows, and of this address it knows nothing, or nothing good.",
      steps: [
        "Fill in the imprint in the server's settings and apply it, so that the page at the server's own name says who runs it, with address and telephone number. Check that its reverse name leads back.",
        "Write from another address, with the reply below and that page, to tobr@rx.t-online.de where the reply ends with (NOWL), to tosa@rx.t-online.de for (BL), to toda@rx.t-online.de for (DIAL).",
        "Where the reply ends with (BL), see first who sends more than usual; a guessed password or a hijacked form is the usual cause.",
        "Until T-Online has answered, send its mail through a relay.",
        watch,
      ],
    },
  },
  gmx: {
    "ip-reputation": {
      steps: [
        stopCause,
        "Open the page to which the reply below leads: it names the rule, and has the form that asks GMX and WEB.DE to take the address off their list.",
        "Until they have answered, send mail to GMX and WEB.DE through a relay.",
        watch,
      ],
    },
    "content-spam": {
      steps: [
        "Open the page to which the reply below leads: it says which rule of GMX the message broke, such as a date that is wrong or a header that is missing.",
        "Look in the log which mailboxes sent the refused messages.",
        "If they did not write them, change the password of the mailbox and end its sessions.",
        watch,
      ],
    },
  },
};

/** What to do about a kind of reply of a receiver, in words that a technician can follow one by one. */
export function adviceFor(category: ReplyCategory, provider: ProviderId | null): Advice {
  const general = ofCategory[category] ?? otherwise;
  return provider === null ? general : { ...general, ...ofProvider[provider]?.[category] };
}

/** The measure that fits; none where the receiver is no provider that one could be set for. */
export function measureFor(category: ReplyCategory, provider: ProviderId | null): FindingMeasure | null {
  const { measure } = adviceFor(category, provider);
  return measure === undefined || provider === null ? null : { measure, provider };
}

interface Runbook {
  readonly page: string;
  /** Kinds that it has a part of its own for; all others are the same at every receiver. */
  readonly parts: readonly ReplyCategory[];
}

const outlook: Runbook = {
  page: "outlook.md",
  parts: ["ip-reputation", "rate-limit", "auth-none", "content-spam"],
};
const runbooks: Readonly<Partial<Record<ProviderId, Runbook>>> = {
  gmail: {
    page: "gmail.md",
    parts: ["rate-limit", "ip-reputation", "domain-reputation", "content-spam", "auth-none", "rdns"],
  },
  outlook,
  microsoft365: outlook,
  yahoo: { page: "yahoo.md", parts: ["ip-reputation", "rate-limit", "content-spam", "auth-none"] },
};

/** The page under docs/runbooks that goes on from the steps, and the part of it. */
export function runbookFor(category: ReplyCategory, provider: ProviderId | null): string {
  const own = provider === null ? undefined : runbooks[provider];
  return `${own?.parts.includes(category) === true ? own.page : "receivers.md"}#${category}`;
}
