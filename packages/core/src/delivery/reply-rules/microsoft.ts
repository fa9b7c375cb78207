import type { ReplyRule } from "../reply-rule.ts";

const providers = ["outlook", "microsoft365"] as const;

/** What Outlook.com and Microsoft 365 say: codes in brackets, and status codes with ranges of their own. */
export const microsoftRules: readonly ReplyRule[] = [
  {
    id: "microsoft-unauthenticated-bulk",
    category: "auth-none",
    enhanced: /^5\.7\.515$/,
    sample:
      "550 5.7.515 Access denied, sending domain a.example does not meet the required authentication level.",
  },
  {
    id: "microsoft-ipv6-unauthenticated",
    category: "auth-none",
    enhanced: /^[45]\.7\.26$/,
    text: /sent over ipv6/i,
    sample: "450 4.7.26 Service does not accept messages sent over IPv6 unless they pass SPF or DKIM.",
  },
  {
    id: "microsoft-spf",
    category: "auth-spf",
    enhanced: /^5\.7\.23$/,
    text: /sender policy framework|spf/i,
    sample: "550 5.7.23 The message was rejected because of Sender Policy Framework violation",
  },
  {
    id: "microsoft-dmarc",
    category: "dmarc-policy",
    enhanced: /^5\.7\.509$/,
    sample: "550 5.7.509 Access denied, sending domain a.example does not pass DMARC verification",
  },
  {
    id: "microsoft-ptr",
    category: "rdns",
    enhanced: /^5\.7\.25$/,
    text: /reverse dns/i,
    sample: "550 5.7.25 Access denied, the sending IPv6 address must have a reverse DNS record",
  },
  {
    id: "microsoft-helo",
    category: "helo",
    enhanced: /^5\.7\.506$/,
    sample: "550 5.7.506 Access denied, bad HELO",
  },
  {
    id: "microsoft-mta-sts",
    category: "tls-failure",
    text: /failed mta-sts validation/i,
    sample: "450 4.7.5 Remote certificate failed MTA-STS validation",
  },
  {
    id: "microsoft-dane",
    category: "tls-failure",
    enhanced: /^[45]\.7\.32[345]$/,
    sample: "450 4.7.323 tlsa-invalid: The domain failed DANE validation",
  },
  {
    id: "microsoft-starttls",
    category: "tls-required",
    enhanced: /^[45]\.4\.317$/,
    text: /starttls is required/i,
    sample: "550 5.4.317 STARTTLS is required to send mail",
  },
  {
    // It may name a block list as well, and yet it only slows down.
    id: "microsoft-limited-by-reputation",
    category: "ip-reputation",
    enhanced: /^4\.7\.650$/,
    retry: "slow-down",
    sample:
      "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. (S775)",
  },
  {
    id: "microsoft-block-list-code",
    category: "ip-reputation",
    text: /\((?:AS)?S(?:3140|3150|775)\)|block list \(/i,
    tag: "S3150",
    sample:
      "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent: part of their network is on our block list (S3150).",
  },
  {
    id: "microsoft-reputation-code",
    category: "ip-reputation",
    text: /\b(?:RP-00[1-3]|SC-00[1-4]|OU-00[12])\b/,
    tag: "SC-001",
    sample: "550 SC-001 Mail rejected by Outlook.com for policy reasons.",
  },
  {
    id: "microsoft-dynamic-address",
    category: "ip-reputation",
    text: /\bDY-00[12]\b/,
    tag: "DY-001",
    owner: "server-provider",
    sample: "550 DY-001 Mail rejected by Outlook.com: dynamic addresses are not accepted.",
  },
  {
    id: "microsoft-banned-address",
    category: "ip-reputation",
    enhanced: /^5\.7\.(?:511|60[6-9]|6[1-4]\d)$/,
    sample: "550 5.7.606 Access denied, banned sending IP [192.0.2.1].",
  },
  {
    id: "microsoft-many-connections",
    category: "rate-limit",
    enhanced: /^4\.7\.65[1-9]$/,
    sample: "421 4.7.652 The mail server [192.0.2.1] has exceeded the maximum number of connections.",
  },
  {
    id: "microsoft-recipients-list",
    category: "policy",
    text: /using (?:customer|tenant) (?:block|allow) ?list/i,
    sample: "550 5.7.513 Service unavailable, client host [192.0.2.1] blocked using customer block list",
  },
  {
    id: "microsoft-suspicious-address",
    category: "ip-reputation",
    providers,
    enhanced: /^4\.7\.(?:5\d\d|6\d\d|8[5-9]\d)$/,
    retry: "slow-down",
    sample: "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (AS77712)",
  },
  {
    id: "microsoft-limits",
    category: "rate-limit",
    enhanced: /^5\.(?:7\.508|1\.90|7\.7[0-4]\d)$/,
    sample: "550 5.7.508 Access denied, [192.0.2.1] has exceeded permitted limits within 24 hours",
  },
  {
    id: "microsoft-store-busy",
    category: "rate-limit",
    enhanced: /^4\.3\.2$/,
    text: /storedrv/i,
    sample: "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded",
  },
  {
    id: "microsoft-recipient-flooded",
    category: "rcpt-rate-limit",
    enhanced: /^5\.2\.12[12]$/,
    sample: "550 5.2.122 The recipient has exceeded their limit for received messages",
  },
  {
    id: "microsoft-submission-quota",
    category: "rate-limit",
    text: /submission quota exceeded/i,
    sample: "554 5.2.2 STOREDRV.Submission: mailbox submission quota exceeded",
  },
  {
    id: "microsoft-unknown-user",
    category: "unknown-user",
    enhanced: /^5\.(?:4\.1|1\.10|1\.351)$/,
    text: /recipient address rejected: access denied|recipient ?not ?found|not found|unknown recipient/i,
    sample: "550 5.4.1 Recipient address rejected: Access denied. [AB1.example]",
  },
  {
    id: "microsoft-blocked-recipient",
    category: "mailbox-disabled",
    enhanced: /^5\.7\.504$/,
    sample: "550 5.7.504 Recipient address rejected: access denied",
  },
  {
    id: "microsoft-ambiguous",
    category: "remote-system",
    enhanced: /^5\.1\.4$/,
    text: /ambiguous/i,
    retry: "stop",
    sample: "550 5.1.4 Destination mailbox address ambiguous",
  },
  {
    id: "microsoft-malformed",
    category: "format",
    enhanced: /^5\.(?:7\.512|6\.11)$/,
    sample: "550 5.6.11 The message contains bare line feeds",
  },
  {
    id: "microsoft-sender-not-allowed",
    category: "policy",
    enhanced: /^5\.7\.(?:12[4-9]|13[3-6]|513|9\d\d)$/,
    sample: "550 5.7.124 Sender not in allowed-senders list",
  },
  {
    id: "microsoft-no-mailboxes",
    category: "policy",
    text: /no mail-enabled subscriptions/i,
    sample:
      "450 4.4.4 Mail received as unauthenticated, incoming to a hosted tenant which has no mail-enabled subscriptions",
  },
  {
    id: "microsoft-spam-abuse",
    category: "content-spam",
    enhanced: /^5\.7\.50[1-3]$/,
    sample: "550 5.7.501 Access denied, spam abuse detected",
  },
  {
    id: "microsoft-spam",
    category: "content-spam",
    providers,
    text: /\bspam\b/i,
    sample: "550 5.7.1 Message rejected because it looks like spam",
  },
];
