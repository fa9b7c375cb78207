import type { ProviderId } from "../delivery/index.ts";

/** What providers ask of who sends to them. */
export const senderRules = [
  "spf-or-dkim",
  "spf",
  "dkim",
  "key-size",
  "dmarc",
  "alignment",
  "reverse-name",
  "tls",
  "one-click",
  "unsubscribe",
  "format",
  "own-from",
  "complaints",
] as const;
export type SenderRule = (typeof senderRules)[number];

/** Providers that publish rules for senders and hold them to them. */
export const ruledProviders = ["gmail", "yahoo", "outlook", "apple"] as const satisfies readonly ProviderId[];
export type RuledProvider = (typeof ruledProviders)[number];

/** Whom a rule is for. */
export type RuleScope = "everyone" | "bulk";

export interface ProviderRules {
  readonly title: string;
  /** The page on which the provider says all of this. */
  readonly source: string;
  /**
   * Messages a day from which a sender is a bulk sender; null where the provider names no number, and anybody may be one.
   * The busiest day that is known counts, however long ago: Gmail says that who was one stays one, and others forget late.
   */
  readonly bulkPerDay: number | null;
  /** Mail of domains below counts too. */
  readonly countsSubdomains: boolean;
  readonly asks: Readonly<Partial<Record<SenderRule, RuleScope>>>;
}

/** The rules as the providers' pages say them. Left out is what a provider does not ask. */
export const providerRules: Readonly<Record<RuledProvider, ProviderRules>> = {
  gmail: {
    title: "Gmail",
    source: "https://support.google.com/a/answer/81126",
    bulkPerDay: 5000,
    countsSubdomains: true,
    asks: {
      "spf-or-dkim": "everyone",
      "reverse-name": "everyone",
      tls: "everyone",
      format: "everyone",
      "own-from": "everyone",
      complaints: "everyone",
      spf: "bulk",
      dkim: "bulk",
      "key-size": "bulk",
      dmarc: "bulk",
      alignment: "bulk",
      "one-click": "bulk",
    },
  },
  yahoo: {
    title: "Yahoo",
    source: "https://senders.yahooinc.com/best-practices/",
    bulkPerDay: null,
    countsSubdomains: false,
    asks: {
      "spf-or-dkim": "everyone",
      "reverse-name": "everyone",
      format: "everyone",
      complaints: "everyone",
      spf: "bulk",
      dkim: "bulk",
      "key-size": "bulk",
      dmarc: "bulk",
      alignment: "bulk",
      "one-click": "bulk",
    },
  },
  outlook: {
    title: "Outlook.com",
    source: "https://sendersupport.olc.protection.outlook.com/pm/policies.aspx",
    bulkPerDay: 5000,
    countsSubdomains: false,
    asks: { "reverse-name": "everyone", spf: "bulk", dkim: "bulk", dmarc: "bulk", alignment: "bulk" },
  },
  apple: {
    title: "iCloud",
    source: "https://support.apple.com/en-us/102322",
    bulkPerDay: null,
    countsSubdomains: false,
    asks: { "reverse-name": "bulk", spf: "bulk", dkim: "bulk", dmarc: "bulk", unsubscribe: "bulk" },
  },
};

/** Bits of an RSA key that Gmail and Yahoo demand at least. */
export const keyBitsMin = 1024;
/** What Gmail and RFC 8301 §3.2 recommend. */
export const keyBitsAdvised = 2048;
/** Names that only Gmail itself may write into From; it asks receivers to refuse them from anybody else. */
export const gmailNames: readonly string[] = ["gmail.com", "googlemail.com"];
/** Of delivered messages, the part that people mark as spam: what is to be stayed below, and what is never to be reached. */
export const complaintLimits = { aim: 0.001, never: 0.003 } as const;
/** Of the messages that a rule holds for, how many may go without before it is not kept. */
export const missesMax = 0.05;
