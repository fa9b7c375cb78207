import type { FindingOwner } from "../findings/index.ts";

/** What a finding says that no look at the world brings: of a thing that Mailstead itself keeps. */
export interface KeptKind {
  readonly owner: FindingOwner;
  readonly why: string;
  readonly steps: readonly string[];
  /** Where that on which it rests can be seen, for a finding that does not carry it itself. */
  readonly evidence: readonly string[];
}

const ours = "us-configuration";
const customer = "customer";
const story = [
  "each step of a rotation is kept with who was asked and what they answered; the keys page shows it",
];
const feeds = ["the feeds page has what the provider answered last, and when"];
const orders = ["the card of the certificate has until when it holds, and how the last order went"];
const measures = ["the server's Deliverability tab shows the measure, since when, and until when"];
const rollouts = ["the rollout's page has what each server answered, and its mail before and after"];
const zonePage = ["the zone's page has what the zone above and each name server answered last"];
const closesByItself = "Watch this finding: it closes by itself once that is so.";

/** By the kind, which is what the key begins with. */
export const keptKinds = {
  "dkim-keys-alarm": {
    owner: ours,
    evidence: story,
    why: "A key rotation stands still until somebody acts. Mail is safe meanwhile: the keys that sign now stay published.",
    steps: [
      "Open the keys: the rotation's line says which step it is at, and whom it waits for.",
      "Do what the sentence names, at the server or at the DNS provider.",
      "If that is not possible now, press “Go back”: the old keys go on signing.",
    ],
  },
  "dkim-keys-not-published": {
    owner: customer,
    evidence: story,
    why: "Until its record is published a key does not sign, so mail of the domain proves less than it could.",
    steps: [
      "Take away the record that is in the way, or give the DNS connection the right to write there.",
      "Without a connection, open the records and publish the DKIM lines by hand.",
      "It is tried again within the hour.",
    ],
  },
  "dkim-keys-not-replaced": {
    owner: ours,
    evidence: story,
    why: "The keys of the domain are older than its schedule wants. They go on signing; nothing is broken.",
    steps: [
      "Open the keys and do what the sentence names.",
      "It is tried again every day by itself; “Rotate now” does not wait.",
    ],
  },
  "dkim-keys-turned-back": {
    owner: ours,
    evidence: story,
    why: "The new keys did not do what they must, so the old ones sign again. No mail was lost.",
    steps: [
      "Open the keys: the rotation's story has what was asked and what was answered.",
      "Mend what the sentence names on that server.",
      "Rotate again. This closes when the next rotation begins.",
    ],
  },
  "feed-access-ends": {
    owner: ours,
    evidence: feeds,
    why: "After that day Microsoft tells nothing of these addresses any more.",
    steps: [
      "Sign in at Microsoft's SNDS portal and confirm the networks.",
      "Open the feeds and press “Access confirmed”.",
    ],
  },
  "feed-blocked": {
    owner: "us-behaviour",
    evidence: feeds,
    why: "Mail from this address is refused at Outlook.com and Hotmail.",
    steps: [
      "Find what was sent: look at the accounts, the queue and the complaints of the server, and stop it.",
      "Then ask for a review at https://olcsupport.office.com/ with the address.",
      "Until Microsoft has answered, send Microsoft's mail through a relay.",
    ],
  },
  "feed-complaints": {
    owner: "us-behaviour",
    evidence: feeds,
    why: "Providers trust a sender less with every complaint, refuse its mail above a limit, and help no more until it was below for a week.",
    steps: [
      "Find who sends what people do not want: newsletters without consent, forwarded spam, forms of a web site.",
      "Stop that mail, or let people leave the list with one click.",
      "Send only what people wait for until the share is below the limit again.",
    ],
  },
  "feed-contested": {
    owner: ours,
    evidence: feeds,
    why: "Only one server can have an address, so what is told of it would be shown to a stranger.",
    steps: [
      "Find out whose address it is: the panel of its provider says so.",
      "Take it away from the other server, or remove that server here if it is no more.",
    ],
  },
  "feed-failing": {
    owner: ours,
    evidence: feeds,
    why: "What the provider tells of the mail is not read, so complaints and blocks would be seen late.",
    steps: [
      "Open the feeds; the sentence there is the provider's own reason.",
      "Give new credentials where they have ended, then press “Read now”.",
    ],
  },
  "feed-link-ends": {
    owner: ours,
    evidence: feeds,
    why: "Links of Microsoft's SNDS end after 30 days; after that nothing is read any more.",
    steps: [
      "In the SNDS portal open “Automated data access” and make the link anew.",
      "Open the feeds, press “New link”, and paste it.",
    ],
  },
  "feed-stale": {
    owner: "them",
    evidence: feeds,
    why: "The provider has told nothing new for longer than usual. Complaints since then are not known here.",
    steps: [
      "If little mail went there, nothing is wrong: providers tell nothing of quiet days.",
      "If much went there, look at the domain or the address in the provider's own portal.",
    ],
  },
  "feed-unverified": {
    owner: customer,
    evidence: feeds,
    why: "Google tells a domain's figures only to who has proven that it is theirs.",
    steps: [
      "Publish the record that the sentence names in the domain's DNS.",
      "Open the feeds and press “Read now”; Google may need an hour to see the record.",
    ],
  },
  "held-certificate-ended": {
    owner: ours,
    evidence: orders,
    why: "Mail programs warn people or refuse to connect, and senders that check certificates hold mail back.",
    steps: [
      "Read the reason in the sentence, and mend that first.",
      "Open the certificates and press “Get a certificate now”.",
    ],
  },
  "held-certificate-ends": {
    owner: ours,
    evidence: orders,
    why: "Renewal ought to have happened by now. Nothing is broken until the day that is named.",
    steps: [
      "Read the reason in the sentence, and mend that first.",
      "Open the certificates and press “Get a certificate now”.",
    ],
  },
  "held-certificate-ends-soon": {
    owner: ours,
    evidence: orders,
    why: "From that day on mail programs warn people, and senders that check certificates hold mail back.",
    steps: [
      "Read the reason in the sentence, and mend that first.",
      "Open the certificates and press “Get a certificate now”.",
    ],
  },
  "held-certificate-failing": {
    owner: ours,
    evidence: orders,
    why: "What holds now holds until its end; after that, or without any, mail programs warn people.",
    steps: [
      "Read the reason in the sentence, and mend that first.",
      "Open the certificates and press “Get a certificate now”.",
    ],
  },
  "measure-fallback": {
    owner: "us-behaviour",
    evidence: measures,
    why: "Mail arrives, by the smarthost. The receiver still holds something against the server's own address.",
    steps: [
      "Open the finding of the same receiver: it names what is held against the address.",
      "Stop the cause, then ask the receiver to take the address again.",
      "Press “End” at the measure to try direct delivery at once; else that is tried when it ends.",
    ],
  },
  "measure-prolonged": {
    owner: "us-behaviour",
    evidence: measures,
    why: "Slowing down alone does not help here. Once the measure has ended, mail goes at full pace against a receiver that still objects.",
    steps: [
      "Open the server's deliverability: the receiver's own words say why.",
      "A limit passes by waiting. A reputation does not: find what was sent, and use the receiver's form.",
    ],
  },
  "rollout-approval": {
    owner: ours,
    evidence: rollouts,
    why: "The servers of the next wave wait for their updates until somebody approves it.",
    steps: [
      "Open the rollout: it shows what the waves before came to, and the mail of each server before and after.",
      "Press “Approve wave”, or “Stop after what runs”.",
    ],
  },
  "rollout-halted": {
    owner: ours,
    evidence: rollouts,
    why: "Nobody else gets the change until a person decides. Servers that were not well after it have got back what they had, where that was possible.",
    steps: [
      "Open the rollout and read what went wrong first: equal outcomes stand together.",
      "If the change is at fault, press “Roll back”: the others get back what they had as well.",
      "If it was that server alone, press “Resume”: what has gone wrong so far is not held against it again.",
    ],
  },
  "smarthost-not-used": {
    owner: ours,
    evidence: ["the server's settings have what was saved, and how its test went"],
    why: "Mail goes on as before it was saved, which may be directly, or by a smarthost that was to be left.",
    steps: [
      "Open the settings of the server: above the smarthosts stands how far the test came.",
      "Put right what it names, here or at the service, and press “Test again”.",
      "Or press “Discard”, or “Use it untested”, which is recorded.",
    ],
  },
  record: {
    owner: customer,
    evidence: ["the line of the record on the records page has what the world shows"],
    why: "The world does not show the record as mail needs it.",
    steps: ["Open the records of the domain and publish the line that is shown there.", closesByItself],
  },
  withdrawal: {
    owner: ours,
    evidence: ["the withdrawals under Settings have each record that still stands, and the last answer"],
    why: "Records that nobody needs any more stand in somebody's DNS. Mail is not harmed by that.",
    steps: [
      "Mend the DNS connection that the sentence names, then press “Try again”.",
      "Or take the records out by hand and press “Leave the rest”.",
    ],
  },
  "zone-answers": {
    owner: ours,
    evidence: zonePage,
    why: "A zone that no name server answers for is not found by anybody; with one of two it still is.",
    steps: [
      "Look at the last job of the server that does not answer.",
      "See that port 53 is open to the world over UDP and TCP at its provider's firewall.",
      "Press “Check now” on the zone's page.",
    ],
  },
  "zone-glue": {
    owner: customer,
    evidence: zonePage,
    why: "Who looks for the zone is sent to an address at which nobody answers for it.",
    steps: [
      "Open the zone: it shows the addresses that belong at the registrar.",
      "Set them there, often called host records, then press “Check now”.",
    ],
  },
  "zone-name-servers": {
    owner: customer,
    evidence: zonePage,
    why: "The world asks other name servers than these, so what stands here is not seen.",
    steps: [
      "Set the name servers that the sentence names where the domain is registered, and no others.",
      "Press “Check now”; a registry takes up to a day.",
    ],
  },
  "zone-same-serial": {
    owner: ours,
    evidence: zonePage,
    why: "Some askers get old records and some new ones.",
    steps: [
      "Look at the last job of the secondary, and whether it reaches the primary on port 53 over TCP.",
      "The clocks of both must agree within five minutes.",
      "Press “Check now” on the zone's page.",
    ],
  },
  "zone-signers": {
    owner: customer,
    evidence: zonePage,
    why: "A DS record that fits no key takes the zone off the net for everybody who validates; without any it is found unsigned.",
    steps: [
      "Open the zone: it shows the DS record as it must be.",
      "Put it in the place of what stands where the domain is registered, then press “Check now”.",
    ],
  },
} as const satisfies Readonly<Record<string, KeptKind>>;

export type KeptKindName = keyof typeof keptKinds;
