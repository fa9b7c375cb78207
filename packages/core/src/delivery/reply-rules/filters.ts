import type { ReplyRule } from "../reply-rule.ts";

const mimecast = ["mimecast"] as const;

/** What filters in front of other people's mail servers say: Mimecast, Proofpoint, Cloudmark, Barracuda. */
export const filterRules: readonly ReplyRule[] = [
  {
    id: "mimecast-spf",
    category: "auth-spf",
    text: /spf sender invalid/i,
    sample: "550 SPF Sender Invalid - envelope rejected",
  },
  {
    id: "mimecast-dkim",
    category: "auth-dkim",
    text: /dkim sender invalid/i,
    sample: "550 DKIM Sender Invalid - envelope rejected",
  },
  {
    id: "mimecast-anti-spoofing",
    category: "policy",
    text: /anti-spoofing policy/i,
    sample: "550 Rejected by header based Anti-Spoofing policy",
  },
  {
    id: "mimecast-tls",
    category: "tls-required",
    text: /this route requires (?:encryption|tls|high-strength)/i,
    sample: "553 This route requires encryption (SSL/TLS)",
  },
  {
    id: "mimecast-address",
    category: "ip-reputation",
    text: /local ct ip reputation|ip temporarily blacklisted/i,
    sample: "550 Local CT IP Reputation - (reject)",
  },
  {
    // Its greylisting: a sender that it does not know yet.
    id: "mimecast-first-contact",
    category: "greylisting",
    providers: mimecast,
    text: /internal resources are temporarily unavailable/i,
    sample: "451 Internal resources are temporarily unavailable",
  },
  {
    id: "mimecast-recipient-not-now",
    category: "ip-reputation",
    providers: mimecast,
    text: /recipient temporarily unavailable/i,
    retry: "retry",
    sample: "451 Recipient temporarily unavailable",
  },
  {
    id: "mimecast-busy",
    category: "rate-limit",
    providers: mimecast,
    text: /account service is temporarily unavailable/i,
    sample: "451 Account service is temporarily unavailable",
  },
  {
    id: "mimecast-journal",
    category: "expired",
    text: /journal messages? past (?:the )?expiration/i,
    sample: "550 Journal messages past the expiration",
  },
  {
    id: "mimecast-wrong-host",
    category: "connection",
    text: /incorrect hostname used for inbounds/i,
    sample: "550 The incorrect hostname used for inbounds",
  },
  {
    id: "mimecast-content",
    category: "policy",
    text: /content examination policy/i,
    sample: "550 Message bounced due to Content Examination Policy",
  },
  {
    id: "mimecast-network",
    category: "policy",
    text: /host network,? not allowed/i,
    sample: "554 Host network not allowed",
  },
  {
    id: "mimecast-envelope",
    category: "policy",
    text: /envelope (?:blocked|rejected)/i,
    sample: "550 Administrative prohibition - envelope blocked",
  },
  {
    id: "proofpoint-address",
    category: "ip-reputation",
    text: /(?:support|ipcheck)\.proofpoint\.com/i,
    sample: "554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1",
  },
  {
    id: "cloudmark-address",
    category: "ip-reputation",
    text: /csi\.cloudmark\.com|cloudmark .*reputation/i,
    sample:
      "554 5.7.1 Client host [192.0.2.1] blocked; see http://csi.cloudmark.com/reset-request/?ip=192.0.2.1",
  },
  {
    id: "barracuda-content",
    category: "content-spam",
    text: /rejecting banned content/i,
    sample: "554 rejecting banned content",
  },
  {
    id: "barracuda-address",
    category: "ip-reputation",
    text: /barracuda reputation/i,
    sample: "554 Client host [192.0.2.1] blocked using Barracuda Reputation",
  },
];
