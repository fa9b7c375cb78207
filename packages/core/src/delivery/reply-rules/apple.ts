import type { ReplyRule } from "../reply-rule.ts";

const providers = ["apple"] as const;

/** What iCloud says: a code in brackets, and plain sentences. */
export const appleRules: readonly ReplyRule[] = [
  {
    id: "apple-unauthenticated",
    category: "auth-none",
    text: /\[HME1\]/,
    tag: "HME1",
    sample: "554 5.7.1 [HME1] This message was blocked for failing both SPF and DKIM authentication checks.",
  },
  {
    id: "apple-policy",
    category: "policy",
    text: /\[CS01\]/,
    tag: "CS01",
    sample: "550 5.7.1 [CS01] Message rejected due to local policy.",
  },
  {
    id: "apple-block-listed",
    category: "ip-blocklist",
    text: /due to listing in spamhaus/i,
    sample: "554 5.7.1 Mail from IP 192.0.2.1 was rejected due to listing in Spamhaus PBL.",
  },
  {
    id: "apple-domain-listed",
    category: "domain-blocklist",
    text: /having a domain present in the spamhaus/i,
    sample: "550 5.7.1 Your message was rejected due to having a domain present in the Spamhaus DBL.",
  },
  {
    id: "apple-volume",
    category: "rate-limit",
    text: /excessive volume/i,
    sample: "421 4.7.1 Messages to a@icloud.example deferred due to excessive volume.",
  },
  {
    id: "apple-not-now",
    category: "ip-reputation",
    providers,
    text: /not accepting connections/i,
    retry: "slow-down",
    sample: "421 mx.icloud.example is not accepting connections from 192.0.2.1",
  },
  {
    id: "apple-gone",
    category: "unknown-user",
    text: /recipient no longer on server/i,
    sample: "550 5.1.6 Recipient no longer on server: a@icloud.example",
  },
];
