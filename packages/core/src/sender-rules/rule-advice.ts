import type { FixPage } from "../findings/index.ts";
import type { SenderRule } from "./provider-rules.ts";

export interface RuleAdvice {
  /** The rule in a few words, as it stands after "does not keep its rule". */
  readonly title: string;
  /** Whether providers refuse or put off mail that breaks it; else it weighs against the sender. */
  readonly isRefused: boolean;
  readonly why: string;
  readonly steps: readonly string[];
}

const refused = "Mail of bulk senders that breaks this rule is refused or put aside as spam.";
const checkAgain = "Check the domain again; this finding closes once the rule was measured to be kept.";

/** What breaking a rule does to mail, and what is done about it. */
export const ruleAdvice: Readonly<Record<SenderRule, RuleAdvice>> = {
  "spf-or-dkim": {
    title: "SPF or DKIM must pass",
    isRefused: true,
    why: refused,
    steps: ["Publish the SPF and DKIM records that the domain's page shows.", checkAgain],
  },
  spf: {
    title: "SPF must pass",
    isRefused: true,
    why: refused,
    steps: ["Publish the SPF record that the domain's page shows.", checkAgain],
  },
  dkim: {
    title: "mail must be signed with DKIM",
    isRefused: true,
    why: refused,
    steps: [
      "Publish the DKIM records that the domain's page shows.",
      "See on the domain's keys page that one of the keys signs.",
      "If programs send in the domain's name elsewhere, have them sign too or send through this server.",
      checkAgain,
    ],
  },
  "key-size": {
    title: "the DKIM key must have 1024 bits and more",
    isRefused: true,
    why: "A signature by a key that is too short counts as none.",
    steps: ["Rotate the key on the domain's keys page; the new one has 2048 bits.", checkAgain],
  },
  dmarc: {
    title: "there must be a DMARC record",
    isRefused: true,
    why: refused,
    steps: [
      "Publish the DMARC record that the domain's page shows; p=none is enough to begin with.",
      checkAgain,
    ],
  },
  alignment: {
    title: "From must be of the domain that SPF or DKIM proves",
    isRefused: true,
    why: refused,
    steps: [
      "Look in the reports who sends with another domain in From than the one that is proven.",
      "Give the domain a key of its own on this server, so that it signs as the domain of From.",
      "Have newsletters and programs put this domain into From, or give them a domain of their own.",
    ],
  },
  "reverse-name": {
    title: "addresses must have a reverse name that leads back, and servers greet with their name",
    isRefused: true,
    why: "Mail from an address without a right reverse name is refused, whoever sends it.",
    steps: [
      "Set the reverse name at the server's provider, for IPv4 and IPv6, to the host name.",
      "Check the server from outside; this finding closes once names and addresses agree.",
    ],
  },
  tls: {
    title: "mail must come over TLS",
    isRefused: true,
    why: refused,
    steps: [
      "Look whether the server's TLS settings or a relay of the domain keep mail from being sent over TLS.",
      "If a relay sends the domain's mail, have it use TLS to the provider.",
    ],
  },
  "one-click": {
    title: "newsletters must be unsubscribed with one click",
    isRefused: false,
    why: "People who cannot unsubscribe mark mail as spam instead, and the provider takes away its help for senders.",
    steps: [
      "Find the program that sends the newsletters, and turn on its one-click unsubscribe (RFC 8058).",
      "Each message must have List-Unsubscribe with an https address and List-Unsubscribe-Post, each once.",
      "Send one to yourself and see that both headers stand in its DKIM signature.",
    ],
  },
  unsubscribe: {
    title: "bulk mail must be unsubscribed from with ease",
    isRefused: false,
    why: "People who cannot unsubscribe mark mail as spam instead.",
    steps: [
      "Find the program that sends the newsletters, and have it write a way to unsubscribe into each message.",
    ],
  },
  format: {
    title: "messages must be built as RFC 5322 says",
    isRefused: true,
    why: "A message with a header that is missing or there twice is refused, whoever sends it.",
    steps: [
      "Look at the reasons of the spam filter on the domain's deliverability page: they name the header.",
      "Find the program that writes such mail, and have it mended: one From, one Date, one Message-ID.",
    ],
  },
  "own-from": {
    title: "From must not be of gmail.com",
    isRefused: true,
    why: "Gmail asks receivers to refuse mail that writes gmail.com into From and does not come from Gmail.",
    steps: ["Write as an address of a domain of your own."],
  },
  complaints: {
    title: "fewer than three in a thousand messages may be marked as spam",
    isRefused: false,
    why: "A sender that people complain about lands in spam, and gets no help from the provider until a week has gone by below the limit.",
    steps: [
      "Look which mailing the complaints are about, and stop it.",
      "Write only to people who asked for it, and take out at once who complained.",
      "Connect the provider's feed in the settings; it tells the share day by day.",
    ],
  },
};

/** Where in the dashboard a rule is mended. */
export const rulePages: Readonly<Record<SenderRule, FixPage>> = {
  "spf-or-dkim": "records",
  spf: "records",
  dkim: "keys",
  "key-size": "keys",
  dmarc: "records",
  // Its table of sources says who sends with another name in From.
  alignment: "deliverability",
  "reverse-name": "records",
  tls: "deliverability",
  "one-click": "deliverability",
  unsubscribe: "deliverability",
  format: "deliverability",
  "own-from": "settings",
  complaints: "deliverability",
};
