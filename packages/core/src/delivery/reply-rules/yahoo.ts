import type { ReplyRule } from "../reply-rule.ts";

/** What Yahoo, AOL and those who receive through them say: a code in brackets leads each reply. */
export const yahooRules: readonly ReplyRule[] = [
  {
    id: "yahoo-unauthenticated",
    category: "auth-none",
    text: /sender is unauthenticated|yahoo requires all senders to authenticate/i,
    sample: "550 5.7.9 This mail has been blocked because the sender is unauthenticated.",
  },
  {
    id: "yahoo-block-list",
    category: "ip-blocklist",
    text: /\[BL2[13]\]|because the ip is in spamhaus/i,
    tag: "BL23",
    sample: "553 5.7.1 [BL23] Connections not accepted from IP addresses on Spamhaus XBL",
  },
  {
    id: "yahoo-deferred-for-good",
    category: "ip-reputation",
    text: /\[TSS0[79]\]|\[TSS1[01]\]|\[TS03\]/i,
    tag: "TSS07",
    sample: "553 5.7.1 [TSS09] All messages from 192.0.2.1 will be permanently deferred",
  },
  {
    id: "yahoo-complaints",
    category: "ip-reputation",
    text: /\[TSS0[5]\]/i,
    tag: "TSS05",
    retry: "slow-down",
    sample: "421 4.7.0 [TSS05] Messages from 192.0.2.1 temporarily deferred due to user complaints",
  },
  {
    id: "yahoo-volume",
    category: "rate-limit",
    text: /\[TSS0[1-46]\]/i,
    tag: "TSS04",
    sample:
      "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
  },
  {
    id: "yahoo-content",
    category: "content-spam",
    text: /\[PH0[1-9]\]/i,
    tag: "PH01",
    sample: "554 5.7.9 Message not accepted for policy reasons. [PH01]",
  },
  {
    id: "yahoo-dmarc",
    category: "dmarc-policy",
    providers: ["yahoo"],
    text: /\bdmarc\b/i,
    sample:
      "554 5.7.9 Message not accepted for policy reasons: a.example publishes a DMARC policy of reject.",
  },
  {
    id: "yahoo-policy",
    category: "policy",
    text: /not accepted for policy reasons|will be permanently deferred|deferred due to unexpected volume/i,
    sample: "554 Message not accepted for policy reasons.",
  },
  {
    id: "yahoo-unresolvable-sender",
    category: "dns-failure",
    text: /unresolvable rfc\.5321 (?:from )?domain/i,
    owner: "us-configuration",
    sample: "451 Message temporarily deferred due to unresolvable RFC.5321 from domain",
  },
  {
    id: "yahoo-unknown-user",
    category: "unknown-user",
    text: /this user doesn't have an?\b/i,
    sample: "554 delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.example) [0]",
  },
  {
    id: "yahoo-gone",
    category: "mailbox-disabled",
    text: /\b554\.30\b|this mailbox is disabled|\(.*\) is no longer valid|account .* is no longer valid/i,
    sample: "554 30 Sorry, your message cannot be delivered. This mailbox is disabled (554.30).",
  },
  {
    id: "yahoo-headers",
    category: "format",
    text: /headers are not rfc compliant/i,
    sample: "554 5.6.0 Message headers are not RFC compliant",
  },
  {
    id: "yahoo-messages-per-connection",
    category: "rate-limit",
    text: /max message per connection/i,
    sample: "421 Max message per connection reached, closing transmission channel",
  },
];
